import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { requestSecrets, tokenSecrets } from "../doors/core.ts";

const URL = "https://clerk.example.com/";

describe("requestSecrets()", () => {
  it("are the credential, without its scheme", () => {
    const headers = { authorization: "Bearer oat 1" };
    assertEquals(requestSecrets({ method: "GET", url: URL, headers }), ["oat 1"]);
  });

  it("are the secret parameters of a form, every one of them", () => {
    const body =
      "code=a&code_verifier=b+c&refresh_token=d&token=e&token=f&device_code=g&client_id=h&grant_type=i";
    const secrets = requestSecrets({ method: "POST", url: URL, headers: {}, body });
    assertEquals(["a", "b c", "d", "e", "f", "g"].filter((secret) => !secrets.includes(secret)), []);
    assertEquals(["h", "i"].filter((text) => secrets.includes(text)), []);
  });

  it("are empty if there is none", () => {
    assertEquals(requestSecrets({ method: "GET", url: URL, headers: {} }).filter(Boolean), []);
  });
});

describe("tokenSecrets()", () => {
  it("are all tokens of a set", () => {
    assertEquals(tokenSecrets({ accessToken: "a", refreshToken: "b", idToken: "c" }), ["a", "b", "c"]);
    assertEquals(tokenSecrets({ accessToken: "a" }).filter(Boolean), ["a"]);
  });
});
