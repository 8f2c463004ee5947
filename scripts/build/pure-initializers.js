/**
 * A Babel plugin, run before annotate-pure-calls. A spread, or a field of a value that is not an imported module, may run
 * a getter for all a bundler knows; so it keeps `const get = make({ ...shared })` although nobody uses it, and whatever
 * `shared` needs. Moved into a call that is then marked as pure, it goes: `const get = (() => make({ ...shared }))()`. The
 * same holds for arithmetic, which asks objects for their values; that of numbers alone is worked out here: `64 * 1024`.
 */
export default ({ types: t }) => {
  const mayRunCode = (path) => {
    let found = t.isBinaryExpression(path.node) || (t.isMemberExpression(path.node) && isField(path))
    path.traverse({
      Function: (inner) => inner.skip(),
      "SpreadElement|BinaryExpression": () => {
        found = true
      },
      MemberExpression: (inner) => {
        found ||= isField(inner)
      }
    })
    return found
  }
  const isField = ({ node, scope }) =>
    !(t.isIdentifier(node.object) && scope.getBinding(node.object.name)?.kind === "module")
  const wrap = (path) => {
    if (path.node == null || path.isFunction() || path.isClass() || path.getFunctionParent() || !mayRunCode(path))
      return
    path.replaceWith(t.callExpression(t.arrowFunctionExpression([], path.node), []))
  }
  const fold = (path) => {
    const { confident, value } = path.evaluate()
    if (confident && typeof value === "number") path.replaceWith(t.numericLiteral(value))
  }
  return {
    name: "pure-initializers",
    visitor: {
      Program: (path) => path.traverse({ BinaryExpression: fold }),
      VariableDeclarator: (path) => wrap(path.get("init")),
      Class: (path) => wrap(path.get("superClass"))
    }
  }
}
