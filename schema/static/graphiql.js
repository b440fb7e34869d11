// Starts GraphiQL on our own endpoint, with the session of this browser.
"use strict";

const fetcher = GraphiQL.createFetcher({ url: "/graphql", headers: { Accept: "application/graphql-response+json, application/json" } });
const root = ReactDOM.createRoot(document.getElementById("graphiql"));
root.render(
  React.createElement(GraphiQL, {
    fetcher,
    defaultEditorToolsVisibility: true,
    defaultQuery: "# All that you may see is one query away; Ctrl-Space completes, Ctrl-Enter sends.\n\n{\n  me {\n    login\n  }\n}\n",
  }),
);
