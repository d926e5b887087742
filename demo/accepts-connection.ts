import { connect } from "node:net";

const limitMs = 1_000;

/** Whether something listens there now. */
export function acceptsConnection(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: limitMs });
    const answer = (isOpen: boolean): void => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once("connect", () => {
      answer(true);
    });
    socket.once("timeout", () => {
      answer(false);
    });
    socket.once("error", () => {
      answer(false);
    });
  });
}
