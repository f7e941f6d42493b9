// Checks queries with Microsoft's own Kusto parser. In, on stdin: {"tables": {name: "(Column: type, ...)"},
// "queries": [text]}. Out: for each query the messages of its errors, as JSON.
"use strict";
const fs = require("fs");
const path = require("path");
const vm = require("vm");

const home = path.dirname(require.resolve("@kusto/language-service-next/package.json"));
for (const file of ["bridge.min.js", "Kusto.Language.Bridge.min.js"]) {
  vm.runInThisContext(fs.readFileSync(path.join(home, file), "utf8"), { filename: file });
}

const { Symbols, GlobalState, KustoCode } = Kusto.Language;
const given = JSON.parse(fs.readFileSync(0, "utf8"));
const tables = Object.entries(given.tables).map(([name, schema]) => new Symbols.TableSymbol.$ctor7(name, schema));
const globals = GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.$ctor1("workspace", tables));
const errors = given.queries.map((query) => {
  const found = KustoCode.ParseAndAnalyze(query, globals).GetDiagnostics();
  return Array.from({ length: found.Count }, (_, i) => found.getItem(i))
    .filter((one) => one.Severity === "Error")
    .map((one) => one.Message);
});
process.stdout.write(JSON.stringify(errors));
