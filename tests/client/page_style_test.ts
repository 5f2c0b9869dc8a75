import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { pageStyle, parsePageOptions } from "../doors/client.ts";
import { caught } from "../harness/caught.ts";

const PLAIN = pageStyle(parsePageOptions());

describe("pageStyle()", () => {
  it("adds nothing if nothing is configured", () => {
    assertEquals(pageStyle({ accent: undefined, background: undefined }), PLAIN);
    assertStringIncludes(PLAIN, "prefers-color-scheme: dark");
  });

  it("accepts one colour for both schemes", () => {
    assertEquals(
      pageStyle(parsePageOptions({ accentColor: "#6c47ff" })).slice(PLAIN.length),
      ":root { --success: #6c47ff }\n@media (prefers-color-scheme: dark) { :root { --success: #6c47ff } }\n",
    );
  });

  it("accepts a colour for each scheme, in short form and in capitals", () => {
    const style = pageStyle(parsePageOptions({
      accentColor: { light: "#ABC", dark: "#abcdef" },
      backgroundColor: { light: "#FFFFFF", dark: "#000" },
    }));
    assertEquals(
      style.slice(PLAIN.length),
      ":root { --success: #ABC }\n@media (prefers-color-scheme: dark) { :root { --success: #abcdef } }\n" +
        ":root { --ground: #FFFFFF }\n@media (prefers-color-scheme: dark) { :root { --ground: #000 } }\n",
    );
  });
});

describe("parsePageOptions()", () => {
  const colors: unknown[] = [
    "",
    "red",
    "#",
    "#12",
    "#1234",
    "#12345",
    "#1234567",
    "#ggg",
    "#gggggg",
    "x#fff",
    "#fff;",
    " #fff",
    "#fff } * { background: url(//x)",
    null,
    0xffffff,
    ["#fff"],
    {},
    { light: "#fff" },
    { dark: "#fff" },
    { light: "#fff", dark: "black" },
  ];
  for (const color of colors) {
    it(`lets ${JSON.stringify(color)} into no style sheet`, async () => {
      for (const name of ["accentColor", "backgroundColor"]) {
        const { code, message } = await caught(() => parsePageOptions({ [name]: color }));
        assertEquals(code, "config");
        assertStringIncludes(message, `'page.${name}' must be a color such as "#6c47ff": got `);
      }
    });
  }
});
