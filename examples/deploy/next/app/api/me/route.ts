// A Next.js route handler, with CLERK_SECRET_KEY and CLERK_OAUTH_CLIENT_ID set. An application that uses @clerk/nextjs
// passes its `clerkClient`: cliAuth({ client: clerkClient }).
import { cliAuth, handle } from "@clerk/cli-auth/server";

const auth = cliAuth();

export const GET: (request: Request) => Promise<Response> = handle({ auth });
