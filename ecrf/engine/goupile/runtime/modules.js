// `import` between the files of a project, which becomes plain code that runs as the body of a function. Lines stay.

/** Whether a script may hold an import or an export, so that it has to be parsed. */
export const isModular = (code) => /\b(?:import|export)\b/.test(code);

/** The file that an import means, from the file that says it. */
export function resolve(wanted, from, files) {
  const folder = from.split("/").slice(0, -1);
  const walk = (start, path) => {
    const steps = [...start];
    for (const step of path.split("/")) {
      if (step === "..") steps.pop();
      else if (step && step !== ".") steps.push(step);
    }
    return steps.join("/");
  };
  const paths = [walk(wanted.startsWith("/") ? [] : folder, wanted), walk([], wanted)];
  for (const path of paths.flatMap((one) => [one, `${one}.js`])) if (Object.hasOwn(files, path)) return path;
  throw new Error(`Cannot import '${wanted}': the project has no such file`);
}

/** {code, wants}: the same code without import and export, and the files that it asks for. */
export function link(code, parse) {
  const program = parse(code);
  const cuts = [];
  const head = [];
  const tail = [];
  const wants = [];
  const blank = (from, to, put = "") => cuts.push([from, to, put]);
  const name = (node) => (node.type === "Literal" ? JSON.stringify(node.value) : node.name);
  const ask = (source) => {
    wants.push(source.value);
    return `__import(${JSON.stringify(source.value)})`;
  };
  const gives = (as, local) => tail.push(`__exports[${JSON.stringify(as)}] = ${local};`);
  const declared = (node) => {
    if (node.type === "Identifier") return [node.name];
    if (node.type === "ObjectPattern") return node.properties.flatMap((one) => declared(one.value ?? one.argument));
    if (node.type === "ArrayPattern") return node.elements.flatMap((one) => (one ? declared(one) : []));
    return declared(node.left ?? node.argument);
  };
  for (const node of program.body) {
    if (node.type === "ImportDeclaration") {
      const from = ask(node.source);
      for (const one of node.specifiers) {
        if (one.type === "ImportNamespaceSpecifier") head.push(`const ${one.local.name} = ${from};`);
        else head.push(`const ${one.local.name} = ${from}[${one.type === "ImportSpecifier" ? JSON.stringify(one.imported.name ?? one.imported.value) : '"default"'}];`);
      }
      blank(node.start, node.end);
    } else if (node.type === "ExportAllDeclaration") {
      tail.push(node.exported ? `__exports[${JSON.stringify(node.exported.name)}] = ${ask(node.source)};` : `Object.assign(__exports, ${ask(node.source)});`);
      blank(node.start, node.end);
    } else if (node.type === "ExportNamedDeclaration") {
      if (node.declaration) {
        blank(node.start, node.declaration.start);
        const names = node.declaration.declarations ? node.declaration.declarations.flatMap((one) => declared(one.id)) : [node.declaration.id.name];
        for (const one of names) gives(one, one);
      } else {
        const from = node.source ? `${ask(node.source)}.` : "";
        for (const one of node.specifiers) gives(one.exported.name ?? one.exported.value, from + name(one.local));
        blank(node.start, node.end);
      }
    } else if (node.type === "ExportDefaultDeclaration") {
      const named = node.declaration.id?.name;
      blank(node.start, node.declaration.start, named ? "" : '__exports["default"] = ');
      if (named) gives("default", named);
    }
  }
  walkImports(program, (node) => {
    blank(node.start, node.start + "import".length, "__import");
    if (node.source.type === "Literal") wants.push(node.source.value);
  });
  let text = "";
  let at = 0;
  for (const [from, to, put] of cuts.sort((a, b) => a[0] - b[0])) {
    text += code.slice(at, from) + put + code.slice(from, to).replace(/[^\n]+/g, "");
    at = to;
  }
  return { code: `${head.join(" ")} ${text}${code.slice(at)}\n${tail.join("\n")}`, wants };
}

function walkImports(node, seen) {
  if (!node || typeof node !== "object") return;
  if (Array.isArray(node)) node.forEach((one) => walkImports(one, seen));
  else {
    if (node.type === "ImportExpression") seen(node);
    for (const name of Object.keys(node)) if (name !== "start" && name !== "end") walkImports(node[name], seen);
  }
}
