import { parseArgs } from "node:util";
import { readApplicationConfig } from "./application-config.js";
import { OrderDatabase } from "./order-database.js";
import { createOrderServer } from "./order-server.js";

/** The demonstration's web application: `main.js --config FILE`. Ends in order on SIGTERM. */
const lastRequestsMs = 1_000;

const { values } = parseArgs({ options: { config: { type: "string" } } });
const config = readApplicationConfig(values.config ?? "application.json");
const database = new OrderDatabase(config.database);
const server = createOrderServer(config, database);

server.listen(config.port, config.host, () => {
  console.log(`serving on ${config.host}:${String(config.port)}`);
});

process.once("SIGTERM", () => {
  // Requests under way are answered; connections kept open by clients would otherwise hold the process.
  server.close(() => {
    void database.close().finally(() => process.exit(0));
  });
  server.closeIdleConnections();
  setTimeout(() => {
    server.closeAllConnections();
  }, lastRequestsMs).unref();
});
