import { assert, assertEquals } from "@std/assert";
import { afterAll, beforeAll, describe } from "@std/testing/bdd";
import { createEmulator, type Emulator, type ListeningEmulator } from "@clerk/cli-auth/testing";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { canRunOn, OWN_RUNTIME } from "../harness/program.ts";
import { rawRequest } from "../harness/raw_request.ts";
import { itWith } from "../harness/requirement.ts";
import { type Deployment, startDeployment } from "./support/deployment.ts";
import { examplePath } from "./support/example_path.ts";
import { createProject, type Project } from "./support/project.ts";

const NODE = canRunOn("node");
const LISTEN = `
const server = app.listen(0, () => console.log(\`Listening on http://127.0.0.1:\${server.address().port}/\`));
`;

if (OWN_RUNTIME === "node") {
  describe("a route of your own, protected as docs/express.md says,", () => {
    let emulator: Emulator;
    let listening: ListeningEmulator;
    let project: Project | undefined;
    let deployment: Deployment | undefined;

    beforeAll(async () => {
      emulator = createEmulator();
      listening = await emulator.listen();
      if (NODE.missing !== undefined) return;
      project = await createProject({ packages: ["@clerk/backend", "express"] });
      const guide = await readFile(examplePath("../../docs/express.md"), "utf8");
      const [, block = ""] = /```js ignore\n((?:(?!```)[^])*app\.use\("\/notes"[^]*?)```/.exec(guide) ?? [];
      const program = block
        .replace("your-client-id", emulator.application.clientId)
        .replace("app.listen(3000);", LISTEN);
      assert(program.includes(LISTEN) && program.includes(emulator.application.clientId), program);
      await writeFile(join(project.folder, "notes.js"), program);
      deployment = await startDeployment({
        command: ["node", "notes.js"],
        cwd: project.folder,
        env: { CLERK_SECRET_KEY: emulator.secretKey, CLERK_API_URL: listening.url },
        ready: { path: "/notes", status: 401 },
      });
    });
    afterAll(async () => {
      await deployment?.stop();
      await project?.remove();
      await listening.close();
    });

    async function statusOf(headers: Record<string, string>): Promise<number> {
      const port = Number(new URL(deployment!.origin).port);
      return (await rawRequest({ port, method: "POST", target: "/notes", headers })).status;
    }

    itWith(NODE, "lets a valid credential with the scope through, and nobody else", async () => {
      const good = emulator.createApiKey({ scopes: ["notes:write"] }).secret;
      assertEquals(await statusOf({ authorization: `Bearer ${good}` }), 201);
      assertEquals(await statusOf({ authorization: `Bearer ${emulator.createApiKey().secret}` }), 403);
      assertEquals(await statusOf({}), 401);
    });

    itWith(NODE, "refuses a second Authorization header", async () => {
      const good = emulator.createApiKey({ scopes: ["notes:write"] }).secret;
      const headers = { authorization: `Bearer ${good}`, Authorization: "Bearer ak_another" };
      assertEquals(await statusOf(headers), 400);
    });
  });
}
