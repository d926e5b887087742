import { alerts } from "./alerts.js";
import { alertName, renderAlertRules } from "./render-alert-rules.js";
import { renderAlertTests } from "./render-alert-tests.js";
import { renderAlertmanagerConfig } from "./render-alertmanager-config.js";

/** Committed files of this folder that are made from the catalogues, with their content. */
export const generatedFiles: Readonly<Record<string, string>> = {
  "alert-rules/sparesync-rules.yml": renderAlertRules(),
  ...Object.fromEntries(
    alerts.map((alert) => [`alert-rules/tests/${alertName(alert.code)}.yml`, renderAlertTests(alert)]),
  ),
  "alert-rules/alertmanager-example.yml": renderAlertmanagerConfig({
    webhooks: ["primary", "secondary"].map((server) => ({
      url: `https://${server}.example.org:8443/webhooks/alertmanager`,
      signIn: { bearerTokenFile: "/etc/alertmanager/sparesync-token" },
      caFile: `/etc/alertmanager/sparesync-${server}.pem`,
    })),
  }),
};
