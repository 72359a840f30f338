/** Words of the library's tasks. A row is what one draw gives: a word, or a word with what belongs to it. */

const rows = (text: string): string[][] => text.split(" ").map((word) => [word]);
const pairs = (text: string): string[][] => text.split("; ").map((pair) => pair.split(" = "));

export const WOMEN = rows(
  "Mary Amy Anna Emily Sarah Kate Laura Alice Lily Jane Lucy Emma Ella Grace Ruth Helen Susan Nancy Betty Maria Rachel " +
    "Julia Sophie Elizabeth Margaret Catherine Diana Lisa Rebecca Jessica Jennifer Ashley Karen Linda Michelle",
);
export const MEN = rows(
  "John Tom James Dan Martin Bob Jack Ben Tim Peter Paul David Daniel Robert Michael William Richard Charles George " +
    "Henry Thomas Joseph Edward Frank Matthew Luke Adam Joe Bill Jim Harry Arthur Leo Oliver Simon Walter Andrew Kevin " +
    "Brian Scott Eric Steven Ryan Jason Justin",
);
export const NAMES = [...WOMEN, ...MEN];

/** Eight of each, as in the paper on indirect object identification. */
export const PLACES = rows("store garden restaurant school hospital office house station");
export const OBJECTS = rows("ring kiss bone basketball computer necklace drink snack");

export const CAPITALS = pairs(
  "France = Paris; Italy = Rome; Germany = Berlin; Spain = Madrid; Russia = Moscow; England = London; Japan = Tokyo; " +
    "China = Beijing; Egypt = Cairo; Greece = Athens; Ireland = Dublin; Austria = Vienna; Portugal = Lisbon; Cuba = Havana; " +
    "Iraq = Baghdad; Iran = Tehran; Scotland = Edinburgh; Canada = Ottawa; Poland = Warsaw; Sweden = Stockholm; " +
    "Norway = Oslo; Denmark = Copenhagen; Hungary = Budapest; Belgium = Brussels; Syria = Damascus; Peru = Lima; " +
    "Kenya = Nairobi; Turkey = Ankara; Finland = Helsinki",
);

export const LANDMARKS = pairs(
  "Eiffel Tower = Paris; Louvre = Paris; Colosseum = Rome; Pantheon = Rome; Brandenburg Gate = Berlin; " +
    "Kremlin = Moscow; Red Square = Moscow; Acropolis = Athens; Parthenon = Athens; Prado = Madrid; Big Ben = London; " +
    "Tower Bridge = London; British Museum = London; Forbidden City = Beijing; Space Needle = Seattle; " +
    "Golden Gate Bridge = San; Opera House = Sydney; White House = Washington; Empire State Building = New; " +
    "Statue of Liberty = New; Royal Palace = Madrid; Trevi Fountain = Rome; Hofburg = Vienna",
);

export const SPANS = rows(
  "war reign siege voyage strike drought journey trial dispute famine project campaign alliance rebellion",
);
export const ADJECTIVES = rows("old new big small red white black green long short dark bright");
export const THINGS = rows("house tree book dog door road ship garden table horse river stone");
export const PRAISE = rows("wonderful great good beautiful excellent lovely perfect amazing");
export const BLAME = rows("terrible bad awful horrible dreadful boring dull poor");
export const LIKED = rows("loved liked enjoyed admired");
export const DISLIKED = rows("hated disliked despised feared");
