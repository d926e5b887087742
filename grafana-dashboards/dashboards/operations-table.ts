import { pageNames } from "../../shared/core/page-catalogue.js";
import { tablePanel } from "../panels.js";
import { select } from "../queries.js";

const rows = pageNames.map(
  (operation) => `label_replace(${select("sparesync_admin_info")}, "operation", "${operation}", "", "")`,
);

/** One row for each operation and server; a click leads to the page where it is looked at and confirmed. */
export const operationsTable = tablePanel(
  {
    ...{ title: "Operations", unit: "short", width: 24, height: 10 },
    description:
      "What can be asked of the actors. A click opens the actor's own page, which shows what would be done and asks for confirmation.",
  },
  [{ title: "Page", expression: rows.join(" or ") }],
  {
    labels: { pair: "Pair", side: "Server", operation: "Operation" },
    hidden: ["url", "Page"],
    link: {
      column: "Operation",
      title: "Open the page of this operation",
      url: "${__data.fields.url}/ops/${__data.fields.Operation}",
      isOther: true,
    },
  },
);
