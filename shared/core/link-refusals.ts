/** Why the link itself refused a connection, a request or a reply; each has a counter `link_refused.<reason>`. */
export const linkRefusals = {
  "wrong-certificate": "the other side did not show the pinned certificate",
  "connection-failed": "a connection ended before it was established as TLS",
  "too-many-connections": "more connections than allowed",
  malformed: "not a message of the link",
  "too-slow": "headers or content did not arrive in time",
  oversized: "larger than the limit",
  "wrong-key": "the HMAC is not that of this pair key",
  "unknown-protocol": "the protocol's number is not the one spoken here",
  "other-pair": "the message belongs to another pair",
  "own-message": "the message was sent by this very process; does the setting link.peer name the other server?",
  "same-roles": "both servers say that they are the same one of the pair",
  "unknown-session": "the session was not given by this process, or was given up",
  replayed: "a message with this counter was received before, or the counter is too old",
  altered: "the content is not what was signed",
  "reply-not-authentic": "the answer's HMAC is not that of this pair key and this request",
} as const satisfies Record<string, string>;
