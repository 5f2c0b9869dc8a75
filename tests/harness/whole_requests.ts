import type { Socket } from "node:net";

/** Calls a function with each complete request received on a connection, byte for byte as Latin-1. */
export function readWholeRequests(socket: Socket, onRequest: (request: string) => void): void {
  let text = "";
  socket.setEncoding("latin1").on("error", () => {}).on("data", (chunk) => {
    text += chunk;
    if (!isWhole(text)) return;
    const request = text;
    text = "";
    onRequest(request);
  });
}

function isWhole(text: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  if (end === -1) return false;
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(text)?.[1] ?? 0);
  return text.length >= end + 4 + length;
}
