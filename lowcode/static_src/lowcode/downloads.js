// Files made of the result. The server writes each export in the audit trail before anything is given.
import { call } from "./api.js";

/** A name for the file, made from that of the analysis. */
const named = (name, kind) => `${name.normalize("NFKD").replace(/[^\w]+/g, "-").replace(/^-+|-+$/g, "").toLowerCase() || "analyse"}.${kind}`;

export async function save(kind, page) {
  const response = await call("POST", page.state.urls.export, { format: kind });
  const content = kind === "csv" ? await response.blob() : await picture(kind, page);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = named(page.name, kind);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

async function picture(kind, page) {
  const { file } = await import("./chart.js");
  return file(page.answer.chart.specification, kind);
}
