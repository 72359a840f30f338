/** Offers files for saving, one after the other; the browser asks once whether a page may save several. */
export function saveFiles(files: readonly File[]): void {
  for (const file of files) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = file.name;
    link.click();
    // The browser reads the address after this task.
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }
}
