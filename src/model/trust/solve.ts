/** Solves a symmetric positive system by Cholesky; both are destroyed. */
export function solve(matrix: Float64Array[], right: Float64Array): Float64Array {
  const n = right.length;
  for (let j = 0; j < n; j++) {
    const row = matrix[j]!;
    let d = row[j]!;
    for (let k = 0; k < j; k++) d -= row[k]! * row[k]!;
    const root = Math.sqrt(Math.max(d, 1e-9));
    row[j] = root;
    for (let i = j + 1; i < n; i++) {
      const line = matrix[i]!;
      let s = line[j]!;
      for (let k = 0; k < j; k++) s -= line[k]! * row[k]!;
      line[j] = s / root;
    }
  }
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) right[i]! -= matrix[i]![k]! * right[k]!;
    right[i]! /= matrix[i]![i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) right[i]! -= matrix[k]![i]! * right[k]!;
    right[i]! /= matrix[i]![i]!;
  }
  return right;
}
