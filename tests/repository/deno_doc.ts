import { fileURLToPath } from "node:url";
import { ROOT } from "../../scripts/deno_config.ts";
import { CONFIG_FILE, currentRegistry } from "../../scripts/registry.ts";
import { run } from "../../scripts/run.ts";

/** What a doc comment says. */
export interface DocComment {
  doc?: string;
  /** `value` is the text of a tag that Deno does not know. */
  tags?: { kind: string; name?: string; doc?: string; value?: string }[];
}

/** A member of a class or an interface, or a class itself's constructor. */
export interface DocMember {
  name: string;
  jsDoc?: DocComment;
  accessibility?: "private" | "protected";
}

/** A declaration of a name. */
export interface DocDeclaration {
  kind: "class" | "function" | "interface" | "typeAlias" | "variable";
  jsDoc?: DocComment;
  def: {
    constructors?: DocMember[];
    methods?: DocMember[];
    properties?: DocMember[];
    extends?: DocType[];
    tsType?: { value: unknown };
  };
}

/** A type that an interface extends, such as `Pick<Options, "name">`. */
export interface DocType {
  repr: string;
  value: { typeName?: string; typeParams?: { repr: string; value: unknown }[] };
}

/** The output of `deno doc` for a module. */
export interface ModuleDoc {
  moduleDoc: DocComment;
  symbols: { name: string; declarations: DocDeclaration[] }[];
}

const known = new Map<string, Promise<ModuleDoc>>();

/**
 * Asks `deno doc` about a module, once for all tests of this process.
 *
 * @param file Its path from the root of the repository.
 * @returns Its documentation and that of everything it exports.
 */
export function readDenoDoc(file: string): Promise<ModuleDoc> {
  const doc = known.get(file) ?? askDenoDoc(file);
  known.set(file, doc);
  return doc;
}

async function askDenoDoc(file: string): Promise<ModuleDoc> {
  const config = fileURLToPath(new URL(CONFIG_FILE[currentRegistry()], ROOT));
  const args = ["doc", "--json", "--import-map", config, fileURLToPath(new URL(file, ROOT))];
  const { nodes } = JSON.parse(await run(Deno.execPath(), args));
  const [{ module_doc: moduleDoc = {}, symbols }] = Object.values(nodes) as [
    { module_doc?: DocComment; symbols: ModuleDoc["symbols"] },
  ];
  return { moduleDoc, symbols };
}
