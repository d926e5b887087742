import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { renderAlertmanagerConfig } from "../../alert-rules/render-alertmanager-config.js";

describe("renderAlertmanagerConfig", () => {
  test("names the file of the token, never a token, and follows no redirect with it", () => {
    const webhooks = [
      { url: "https://a.test/webhooks/alertmanager", signIn: { bearerTokenFile: "/t" }, caFile: "/c.pem" },
    ];
    const { receivers } = parse(renderAlertmanagerConfig({ webhooks })) as { receivers: { name: string }[] };
    expect(receivers.find(({ name }) => name === "sparesync-actors")).toEqual({
      name: "sparesync-actors",
      webhook_configs: [
        {
          url: "https://a.test/webhooks/alertmanager",
          send_resolved: false,
          http_config: {
            authorization: { type: "Bearer", credentials_file: "/t" },
            follow_redirects: false,
            tls_config: { ca_file: "/c.pem" },
          },
        },
      ],
    });
  });
});
