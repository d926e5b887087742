const selector = /\b(sparesync_[a-z_]+|up)\b(?:\{([^}]*)\})?/g;

/** The expression for one pair only: each of its metrics is asked for with the label `pair`. */
export function scopeExpression(expression: string, pair: string): string {
  return expression.replace(selector, (_, metric: string, matchers = "") => {
    const others = String(matchers);
    return `${metric}{pair="${pair}"${others === "" ? "" : `,${others}`}}`;
  });
}
