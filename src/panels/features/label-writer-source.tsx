/** Which language model is asked: a server that answers as OpenAI's does, or a model of the Hub in this tab. */
import { WRITER_DTYPES } from "../../core/writer.ts";
import { useLab } from "../../state/context.ts";
import { Checkbox, Select, TextField } from "../../ui/field.tsx";
import { Segmented } from "../../ui/segmented.tsx";

export function LabelWriterSource({ disabled }: { disabled: boolean }) {
  const writer = useLab((s) => s.writer);
  const setWriter = useLab((s) => s.setWriter);
  const key = useLab((s) => s.writerKey);
  const setKey = useLab((s) => s.setWriterKey);
  return (
    <fieldset className="writer-source" disabled={disabled}>
      <legend className="visually-hidden">Who is asked</legend>
      <Segmented
        label="Who is asked"
        value={writer.kind}
        choices={[
          { value: "endpoint", label: "A server" },
          { value: "hub", label: "A model in this tab" },
        ]}
        onChange={(kind) => setWriter({ kind })}
      />
      {writer.kind === "endpoint" ? (
        <>
          <TextField
            label="Address"
            hint="Of any server that answers as OpenAI’s does, as far as /v1. It must allow this page’s origin (CORS). Questions hold pieces of the corpus and tokens of the feature: nothing else, and nothing before you send."
            placeholder="https://llm.example/v1"
            inputMode="url"
            value={writer.url}
            onChange={(url) => setWriter({ url })}
          />
          <TextField
            label="Model"
            hint="Its name there"
            value={writer.model}
            onChange={(model) => setWriter({ model })}
          />
          <TextField
            label="Key"
            type="password"
            hint={
              writer.rememberKey
                ? "Kept in this browser, readable by whoever uses it"
                : "Forgotten when this page closes; none is needed for many local servers"
            }
            value={key}
            onChange={setKey}
          />
          <Checkbox
            label="Remember the key in this browser"
            checked={writer.rememberKey}
            onChange={(rememberKey) => setWriter({ rememberKey })}
          />
        </>
      ) : (
        <>
          <TextField
            label="Model id"
            hint="A text-generation model of the Hub with ONNX files. It is fetched once and runs in a worker of its own: nothing is sent. Small models judge badly: trust their scores the less."
            placeholder="owner/name"
            value={writer.id}
            onChange={(id) => setWriter({ id })}
          />
          <Select
            label="Precision"
            value={writer.dtype}
            options={WRITER_DTYPES.map((value) => ({ value, label: value }))}
            onChange={(dtype) => setWriter({ dtype })}
          />
        </>
      )}
    </fieldset>
  );
}
