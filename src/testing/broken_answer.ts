/** What a server needs at most to send what it has of an answer. */
const FLUSH_MS = 20;

/** The answer with half of its body, after which the connection breaks. */
export async function breakInTheMiddle(response: Response): Promise<Response> {
  const body = new Uint8Array(await response.arrayBuffer());
  const half = body.subarray(0, Math.ceil(body.byteLength / 2));
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      if (half.byteLength > 0) controller.enqueue(half);
    },
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, FLUSH_MS));
      controller.error(cutError());
    },
  });
  return new Response(stream, response);
}

/** An answer of which nothing can be read: what the client gets once nobody waits for a true one any more. */
export function brokenAnswer(): Response {
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.error(cutError());
    },
  });
  return new Response(stream, { status: 499 });
}

function cutError(): Error {
  return new Error("The emulator cut this connection, as it was ordered to");
}
