import { assertEquals, assertFalse } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { failurePage, successPage } from "../doors/client.ts";
import { ClerkCliAuthError } from "../doors/core.ts";

const USER = { sub: "user_1", name: "Ada Lovelace", username: "ada", email: "ada@example.com" };

describe("the page of a successful login", () => {
  it("names the account by what is known of it", () => {
    const { email: _email, ...withoutEmail } = USER;
    const { username: _username, ...withName } = withoutEmail;
    const shown = [USER, withoutEmail, withName, { sub: "user_1" }].map((user) =>
      successPage("Notes", user).paragraphs[0]
    );
    assertEquals(
      shown,
      ["ada@example.com", "ada", "Ada Lovelace", "user_1"].map((name) => `You are signed in as ${name}.`),
    );
  });

  it("names the program if it has a name", () => {
    const headings = [successPage("Notes", USER), successPage(undefined, USER)].map(({ heading }) => heading);
    assertEquals(headings, ["Signed in to Notes", "Signed in"]);
  });
});

describe("the page of a failed login", () => {
  it("says why", () => {
    const { heading, paragraphs } = failurePage("Notes", new ClerkCliAuthError("timeout", "Nobody came"));
    assertEquals([heading, ...paragraphs], [
      "Not signed in to Notes",
      "Nobody came.",
      "Go back to the terminal to see what to do. You can close this window.",
    ]);
  });

  it("repeats no error that is not ours, as it could contain anything", () => {
    const { heading, paragraphs } = failurePage(undefined, new Error("secret"));
    assertEquals(heading, "Not signed in");
    assertEquals(paragraphs[0], "Something went wrong.");
    assertFalse(paragraphs.join(" ").includes("secret"));
  });
});
