// Rules for the panel's own code: the recommended sets, hooks, and the house rules that TypeScript cannot state.
import js from "@eslint/js";
import hooks from "eslint-plugin-react-hooks";
import ts from "typescript-eslint";

export default ts.config(
    { ignores: ["dist/", "node_modules/"] },
    js.configs.recommended,
    ...ts.configs.recommended,
    {
        files: ["src/**/*.{ts,tsx}"],
        plugins: { "react-hooks": hooks },
        rules: {
            "react-hooks/rules-of-hooks": "error",
            "react-hooks/exhaustive-deps": "error",
            "max-lines": ["error", { max: 400, skipBlankLines: true }],
            "max-lines-per-function": ["error", { max: 160, skipBlankLines: true }],
            "no-restricted-imports": [
                "error",
                {
                    paths: ["@patternfly/react-core", "@patternfly/react-table", "@patternfly/react-icons"].map(
                        (name) => ({ name, message: "Import the component's own file; the barrel doubles the bundle." }),
                    ),
                },
            ],
            eqeqeq: "error",
        },
    },
    { files: ["*.mjs", "mock/**/*.mjs"], languageOptions: { globals: { process: "readonly", URL: "readonly", Buffer: "readonly", console: "readonly", setTimeout: "readonly", clearTimeout: "readonly" } } },
);
