/** A page as the scripted browser sees it. */
export interface BrowserPage {
  /** The URL after all redirects. */
  readonly url: string;
  /** The status of the response; 0 if the page was not requested. */
  readonly status: number;
  /** The body of the response. */
  readonly body: string;
  /** The title. */
  readonly title: string;
  /** The forms, in order. */
  readonly forms: readonly BrowserForm[];
  /** The links, in order. */
  readonly links: readonly BrowserLink[];
}

/** A form of a page. */
export interface BrowserForm {
  /** The absolute URL that the form is sent to. */
  readonly action: string;
  /** The method. */
  readonly method: "GET" | "POST";
  /** The fields, without the buttons. */
  readonly fields: readonly BrowserField[];
  /** The submit buttons. */
  readonly buttons: readonly BrowserButton[];
}

/** A field of a form. */
export interface BrowserField {
  /** The name. */
  readonly name: string;
  /** The initial value. */
  readonly value: string;
  /** The type: that of the `input`, or `select` or `textarea`. */
  readonly type: string;
}

/** A submit button. */
export interface BrowserButton {
  /** The name; empty if the button adds nothing to the form. */
  readonly name: string;
  /** The value. */
  readonly value: string;
  /** The text. */
  readonly text: string;
}

/** A link of a page. */
export interface BrowserLink {
  /** The absolute URL. */
  readonly href: string;
  /** The text. */
  readonly text: string;
}

/** A tag or text in an HTML document. */
type HtmlToken =
  | { kind: "text"; text: string }
  | { kind: "start"; name: string; attributes: ReadonlyMap<string, string> }
  | { kind: "end"; name: string };

const TOKEN =
  /<!--[\s\S]*?-->|<(script|style)\b[\s\S]*?<\/\1\s*>|<(\/?)([a-z][a-z0-9]*)((?:"[^"]*"|'[^']*'|[^'">])*)>|<|[^<]+/gi;
const ATTRIBUTE = /([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/g;
const NAMED_ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: "\u00a0",
};

/** Splits HTML into tags and text, without comments, scripts and styles. Whatever is not a tag is text. */
function* htmlTokens(document: string): Generator<HtmlToken> {
  for (const [whole, skipped, slash, name, attributes = ""] of document.matchAll(TOKEN)) {
    if (skipped !== undefined || whole.startsWith("<!--")) continue;
    if (name === undefined) yield { kind: "text", text: decodeEntities(whole) };
    else if (slash) yield { kind: "end", name: name.toLowerCase() };
    else yield { kind: "start", name: name.toLowerCase(), attributes: parseAttributes(attributes) };
  }
}

function parseAttributes(text: string): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name = "", double, single, bare] of text.matchAll(ATTRIBUTE)) {
    const key = name.toLowerCase();
    if (!attributes.has(key)) attributes.set(key, decodeEntities(double ?? single ?? bare ?? ""));
  }
  return attributes;
}

function decodeEntities(text: string): string {
  return text.replaceAll(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]+));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return NAMED_ENTITIES[name.toLowerCase()] ?? whole;
    const codePoint = hex === undefined ? Number(decimal) : parseInt(hex, 16);
    return codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : whole;
  });
}

type Start = Extract<HtmlToken, { kind: "start" }>;
type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

interface OpenForm extends BrowserForm {
  readonly fields: Mutable<BrowserField>[];
  readonly buttons: Mutable<BrowserButton>[];
}

const BUTTON_INPUTS = ["submit", "image"];
const UNSENT_INPUTS = ["button", "reset", "file"];

/** Reads the forms and links of a page. */
export function readPage({ url, status, body }: { url: string; status: number; body: string }): BrowserPage {
  const reader = new PageReader(url);
  for (const token of htmlTokens(body)) reader.read(token);
  const { title, forms, links } = reader;
  return { url, status, body, title: title.trim(), forms, links };
}

class PageReader {
  readonly forms: OpenForm[] = [];
  readonly links: Mutable<BrowserLink>[] = [];
  title = "";
  readonly #url: string;
  #form: OpenForm | undefined;
  #select: Mutable<BrowserField> | undefined;
  /** Collects the text between a tag and its end tag. */
  #text: { end: string; take(text: string): void } | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  read(token: HtmlToken): void {
    if (token.kind === "text") return this.#text?.take(token.text);
    if (token.kind === "start") return this.#start(token);
    if (token.name === "form") this.#form = undefined;
    if (token.name === this.#text?.end) this.#text = undefined;
  }

  #start(tag: Start): void {
    switch (tag.name) {
      case "title":
        this.#text = { end: "title", take: (text) => this.title += text };
        break;
      case "a":
        this.#link(tag);
        break;
      case "form":
        this.#form = this.#newForm(tag);
        this.forms.push(this.#form);
        break;
      default:
        if (this.#form && !tag.attributes.has("disabled")) this.#control(tag, this.#form);
    }
  }

  #link({ attributes }: Start): void {
    const href = attributes.get("href");
    if (href === undefined || !URL.canParse(href, this.#url)) return;
    const link = { href: new URL(href, this.#url).href, text: "" };
    this.links.push(link);
    this.#text = { end: "a", take: (text) => link.text += text };
  }

  #newForm({ attributes }: Start): OpenForm {
    const action = attributes.get("action") || this.#url;
    const method = attributes.get("method")?.toUpperCase() === "POST" ? "POST" : "GET";
    return { action: new URL(action, this.#url).href, method, fields: [], buttons: [] };
  }

  #control(tag: Start, form: OpenForm): void {
    const field = { name: tag.attributes.get("name") ?? "", value: tag.attributes.get("value") ?? "" };
    switch (tag.name) {
      case "input":
        return this.#input(tag, form, field);
      case "button": {
        if ((tag.attributes.get("type") ?? "submit") !== "submit") return;
        const button = { ...field, text: "" };
        form.buttons.push(button);
        this.#text = { end: "button", take: (text) => button.text += text };
        return;
      }
      case "select":
        this.#select = { ...field, type: "select" };
        form.fields.push(this.#select);
        return;
      case "option":
        this.#option(tag, form, field.value);
        return;
      case "textarea": {
        const area = { ...field, type: "textarea" };
        form.fields.push(area);
        this.#text = { end: "textarea", take: (text) => area.value += text };
      }
    }
  }

  #input({ attributes }: Start, form: OpenForm, field: { name: string; value: string }): void {
    const type = attributes.get("type")?.toLowerCase() ?? "text";
    if (BUTTON_INPUTS.includes(type)) form.buttons.push({ ...field, text: field.value });
    else if (type === "checkbox" || type === "radio") {
      if (attributes.has("checked")) form.fields.push({ name: field.name, value: field.value || "on", type });
    } else if (!UNSENT_INPUTS.includes(type)) form.fields.push({ ...field, type });
  }

  /** The first option is the default unless another is selected. */
  #option({ attributes }: Start, form: OpenForm, value: string): void {
    const select = this.#select;
    if (!select || !form.fields.includes(select)) return;
    if (select.value === "" || attributes.has("selected")) select.value = value;
  }
}
