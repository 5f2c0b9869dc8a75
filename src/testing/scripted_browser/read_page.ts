import type { BrowserButton, BrowserField, BrowserForm, BrowserLink, BrowserPage } from "./browser_page.ts";
import { type HtmlToken, htmlTokens } from "./html_tokens.ts";

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
  /** Takes the text between a tag and its end. */
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

  /** The first option counts until one is selected. */
  #option({ attributes }: Start, form: OpenForm, value: string): void {
    const select = this.#select;
    if (!select || !form.fields.includes(select)) return;
    if (select.value === "" || attributes.has("selected")) select.value = value;
  }
}
