import { connect, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";

/** Below the ports that systems give to outgoing connections. */
const [LOWEST_PORT, PORTS] = [10_000, 20_000];

/** A key and its certificate, in PEM. */
export interface Certificate {
  key: string;
  cert: string;
}

/** One that the clients trust, and one that they do not. */
export interface Certificates {
  trusted: Certificate;
  untrusted: Certificate;
}

/** The port that clients connect to. */
export interface Front {
  readonly port: number;
  /** Refuses new connections from now on. */
  refuse(): void;
  /** Shows the certificate that nobody trusts. */
  distrust(): void;
  mend(): Promise<void>;
  close(): void;
}

/** Opens a port; `onConnection` gets each connection, decrypted if it uses TLS. */
export async function openFront(
  onConnection: (socket: Socket) => void,
  certificates?: Certificates,
): Promise<Front> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).once("close", () => sockets.delete(socket));
  };
  const take = (socket: Socket) => {
    keep(socket);
    onConnection(socket);
  };
  const inner = certificates && await openTls(take, certificates);
  let isTrusted = true;
  const createFront = () =>
    createServer((socket) => {
      if (!inner) return take(socket);
      keep(socket);
      const way = connect(isTrusted ? inner.trusted : inner.untrusted, "127.0.0.1");
      keep(way);
      socket.pipe(way).pipe(socket);
    });
  let server = createFront();
  const port = await listenAnywhere(server);
  return {
    port,
    refuse: () => void server.close(),
    distrust: () => void (isTrusted = false),
    async mend() {
      isTrusted = true;
      if (server.listening) return;
      server = createFront();
      await listen(server, port);
    },
    close() {
      for (const socket of sockets) socket.destroy();
      for (const open of [server, ...inner?.servers ?? []]) open.close();
    },
  };
}

interface TlsPorts {
  trusted: number;
  untrusted: number;
  servers: Server[];
}

async function openTls(
  onConnection: (socket: Socket) => void,
  { trusted, untrusted }: Certificates,
): Promise<TlsPorts> {
  const servers = [trusted, untrusted].map((certificate) =>
    createTlsServer(certificate, onConnection).on("tlsClientError", () => {})
  );
  const [first, second] = await Promise.all(servers.map((server) => listen(server, 0)));
  return { trusted: first!, untrusted: second!, servers };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve((server.address() as { port: number }).port);
    });
  });
}

/** A port is in use, or Windows has reserved it. */
const TAKEN = ["EADDRINUSE", "EACCES"];

/** Chooses a port that no outgoing connection gets, so that it is still free when needed again. */
async function listenAnywhere(server: Server): Promise<number> {
  for (;;) {
    const port = LOWEST_PORT + Math.floor(Math.random() * PORTS);
    const isListening = await listen(server, port).then(() => true, (error) => {
      if (TAKEN.includes(error.code)) return false;
      throw error;
    });
    if (isListening) return port;
  }
}
