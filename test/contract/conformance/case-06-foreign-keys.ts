import { defineCase } from "./conformance-case.js";

export const foreignKeys = defineCase({
  number: 6,
  title: "foreign keys in circles, to themselves, cascading and composite hold through one transaction of each kind",
  needsConcurrency: false,
  limitSeconds: 60,
  run: async (bench) => {
    await bench.both(`CREATE TABLE parent(a int NOT NULL, b int NOT NULL, favourite int, PRIMARY KEY (a, b));
      CREATE TABLE child(id int NOT NULL PRIMARY KEY, a int NOT NULL, b int NOT NULL, boss int REFERENCES child(id),
        FOREIGN KEY (a, b) REFERENCES parent(a, b) ON DELETE CASCADE);
      CREATE TABLE note(id int NOT NULL PRIMARY KEY, child int REFERENCES child(id) ON DELETE SET NULL);
      ALTER TABLE parent ADD CONSTRAINT favourite_exists FOREIGN KEY (favourite) REFERENCES child(id)`);
    await bench.start();
    const transactions = [
      `INSERT INTO parent VALUES (1, 1, NULL), (1, 2, NULL); INSERT INTO child VALUES (1, 1, 1, NULL), (2, 1, 1, 1), (3, 1, 2, 2);
       INSERT INTO note VALUES (1, 1), (2, 3); UPDATE parent SET favourite = 3 WHERE b = 1`,
      "INSERT INTO parent VALUES (2, 2, 1); UPDATE child SET a = 2, b = 2 WHERE id = 3; UPDATE child SET boss = 3 WHERE id = 1",
      "UPDATE child SET boss = NULL; UPDATE parent SET favourite = NULL; DELETE FROM parent WHERE a = 1 AND b = 2",
      "DELETE FROM parent WHERE a = 2; INSERT INTO parent VALUES (2, 2, NULL); INSERT INTO child VALUES (3, 2, 2, NULL); DELETE FROM note WHERE id = 1",
      "DELETE FROM note; UPDATE child SET boss = NULL; DELETE FROM child; DELETE FROM parent",
    ];
    for (const transaction of transactions) {
      await bench.apps.a.run(`BEGIN TRANSACTION; ${transaction}; COMMIT`);
      await bench.sync();
      await bench.expectSame("parent", "child", "note");
    }
  },
});
