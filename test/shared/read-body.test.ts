import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "@jest/globals";
import { errorCode } from "../../shared/core/app-error.js";
import { readBody } from "../../shared/read-body.js";

const servers: http.Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

type Reserve = (bytes: number) => Buffer;

/** What reading a request of at most 1000 bytes comes to, after it was answered; the error's code where it fails. */
async function readOne(send: (request: http.ClientRequest) => void, reserve?: Reserve) {
  let tell: (read: Buffer | string) => void = () => undefined;
  const read = new Promise<Buffer | string>((resolve) => (tell = resolve));
  const server = http.createServer((request, response) => {
    const done = (result: Buffer | string): void => {
      response.end();
      tell(result);
    };
    readBody(request, 1000, reserve).then(done, (error: unknown) => {
      done(errorCode(error) ?? "");
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const request = http.request({ port, host: "127.0.0.1", method: "POST" });
  const answered = new Promise<number | undefined>((resolve) => {
    request.on("response", (response) => {
      resolve(response.statusCode);
    });
    request.on("error", () => {
      resolve(undefined);
    });
  });
  send(request);
  return { body: await read, status: await answered };
}

test("a body of an announced size stands in the memory that was reserved for it", async () => {
  const memory = Buffer.alloc(2000, 7);
  const reserved: number[] = [];
  const { body } = await readOne(
    (request) => {
      request.setHeader("content-length", 6);
      request.write("abc");
      request.end("def");
    },
    (bytes) => {
      reserved.push(bytes);
      return memory;
    },
  );
  expect(body.toString()).toBe("abcdef");
  expect(memory.toString("latin1", 0, 7)).toBe("abcdef\u0007");
  expect(reserved).toEqual([6]);
});

test("an empty body is one of no bytes", async () => {
  const { body } = await readOne((request) => request.setHeader("content-length", 0).end());
  expect(body).toEqual(Buffer.alloc(0));
});

test.each([
  { when: "it was announced", announced: 1001 },
  { when: "its size was not said", announced: undefined },
])("a body that is too large is refused, and the answer arrives, when $when", async ({ announced }) => {
  const reserved: number[] = [];
  const { body, status } = await readOne(
    (request) => {
      if (announced !== undefined) request.setHeader("content-length", announced);
      request.write(Buffer.alloc(600));
      request.end(Buffer.alloc(401));
    },
    (bytes) => {
      reserved.push(bytes);
      return Buffer.alloc(bytes);
    },
  );
  expect(body).toBe("REQUEST_TOO_LARGE");
  expect(status).toBe(200);
  expect(reserved).toEqual([]);
});

test.each([
  { when: "its size was announced", announced: 1000 },
  { when: "its size was not said", announced: undefined },
])("a body whose sender goes away in the middle is refused as not whole when $when", async ({ announced }) => {
  const { body } = await readOne((request) => {
    if (announced !== undefined) request.setHeader("content-length", announced);
    request.write("abc", () => setImmediate(() => request.destroy()));
  });
  expect(body).toBe("REQUEST_INVALID");
});
