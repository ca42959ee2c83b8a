"""Answers against the OpenAPI document: as much of JSON Schema as the document uses. Every answer that the
harness receives goes through here, so that the document cannot drift from what the server says.

    document = Document(client.get("/openapi.json").data)
    document.faults("GET", "/api/v1/partners?limit=1", answer)     # [] or sentences
"""
import re

BASE = "/api/v1"
TYPES = {
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "string": lambda v: isinstance(v, str),
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "number": lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
    "boolean": lambda v: isinstance(v, bool),
    "null": lambda v: v is None,
}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z\Z")


class Document:
    def __init__(self, data):
        self.data = data
        self.templates = [(path, path.strip("/").split("/")) for path in data["paths"]]
        # A path that is spelled out goes before one with a place for a key.
        self.templates.sort(key=lambda t: [part.startswith("{") for part in t[1]])

    def resolve(self, schema):
        while "$ref" in schema:
            at = self.data
            for part in schema["$ref"].lstrip("#/").split("/"):
                at = at[part]
            schema = at
        return schema

    def template(self, path):
        """The path of the document that a request's path fits, or None."""
        parts = path.split("?")[0].removeprefix(BASE).strip("/").split("/")
        for name, wanted in self.templates:
            if len(wanted) == len(parts) and all(w.startswith("{") or w == p for w, p in zip(wanted, parts)):
                return name
        return None

    def value_faults(self, value, schema, at=""):
        schema = self.resolve(schema)
        for word in ("oneOf", "anyOf"):
            if word in schema and not any(not self.value_faults(value, s, at) for s in schema[word]):
                return [f"{at}: none of {word}: {value!r}"]
        if "type" in schema:
            types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
            if not any(TYPES[t](value) for t in types):
                return [f"{at}: {value!r} is not {types}"]
        if "enum" in schema and value not in schema["enum"]:
            return [f"{at}: {value!r} is not in {schema['enum']}"]
        if schema.get("format") == "date-time" and isinstance(value, str) and not TIME.match(value):
            return [f"{at}: {value!r} is no time in UTC"]
        found = []
        if isinstance(value, dict):
            found += [f"{at}: {name} is missing" for name in schema.get("required", []) if name not in value]
            known = schema.get("properties", {})
            for name, item in value.items():
                if name in known:
                    found += self.value_faults(item, known[name], f"{at}/{name}")
                elif isinstance(schema.get("additionalProperties"), dict):
                    found += self.value_faults(item, schema["additionalProperties"], f"{at}/{name}")
                elif known and not schema.get("additionalProperties"):
                    found.append(f"{at}/{name}: not in the document")
        if isinstance(value, list) and "items" in schema:
            for i, item in enumerate(value):
                found += self.value_faults(item, schema["items"], f"{at}/{i}")
        return found

    def faults(self, method, path, answer):
        """What the document says otherwise about this answer."""
        path = path.split("?")[0]
        if not path.startswith(BASE + "/") or method not in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"):
            return []
        template = self.template(path)
        operations = self.data["paths"].get(template, {})
        operation = operations.get("get" if method == "HEAD" else method.lower())
        if operation is None:
            return [] if answer.status >= 400 else [f"{answer.status} from a route that is not in the document"]
        responses = operation["responses"]
        response = responses.get(str(answer.status)) or (responses["default"] if answer.status >= 400 else None)
        if response is None:
            return [f"{answer.status} is not among {sorted(responses)}"]
        content = response.get("content", {})
        kind = answer.headers.get("Content-Type", "").split(";")[0]
        if method == "HEAD" or (answer.status == 304 and not answer.body):
            return []
        if not content:
            return [f"a body of {kind} where the document has none"] if answer.body else []
        if kind not in content:
            return [f"{kind!r} is not among {sorted(content)}"]
        return self.value_faults(answer.data, content[kind]["schema"]) if answer.data is not None else []
