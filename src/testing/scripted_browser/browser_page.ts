/** A page as the scripted browser sees it. */
export interface BrowserPage {
  /** Where the browser is, after all redirects. */
  readonly url: string;
  /** The status of the answer; 0 when the page was not asked for. */
  readonly status: number;
  /** The body of the answer. */
  readonly body: string;
  /** The title. */
  readonly title: string;
  /** The forms, in their order. */
  readonly forms: readonly BrowserForm[];
  /** The links, in their order. */
  readonly links: readonly BrowserLink[];
}

/** A form of a page. */
export interface BrowserForm {
  /** Where it is sent to: an absolute URL. */
  readonly action: string;
  /** How it is sent. */
  readonly method: "GET" | "POST";
  /** What is sent besides a button. */
  readonly fields: readonly BrowserField[];
  /** The buttons that send it. */
  readonly buttons: readonly BrowserButton[];
}

/** A field of a form. */
export interface BrowserField {
  /** The name. */
  readonly name: string;
  /** The value that it has at first. */
  readonly value: string;
  /** The type: that of an `input`, or `select` or `textarea`. */
  readonly type: string;
}

/** A button that sends a form. */
export interface BrowserButton {
  /** The name; empty for a button that adds nothing. */
  readonly name: string;
  /** The value. */
  readonly value: string;
  /** What stands on it. */
  readonly text: string;
}

/** A link of a page. */
export interface BrowserLink {
  /** Where it leads: an absolute URL. */
  readonly href: string;
  /** What stands on it. */
  readonly text: string;
}
