/**
 * Vectors of length 1 as rows of 16-bit numbers: half the memory of floats and half as much to read, and no pair that
 * matters changes its order (8 bits cost one of a hundred of the ten nearest).
 */

export interface Rows {
  /** Gives its place. */
  put(vector: Float32Array): number;
  free(row: number): void;
  /** The same array each time. */
  read(row: number): Float32Array;
  /** How like a row is to this one. */
  like(vector: Float32Array): (row: number) => number;
}

const FINE = 32_767;
/** Kept together: growing copies none of them. */
const ROWS = 1_024;

export function createRows(dims: number): Rows {
  const blocks: Int16Array[] = [];
  const free: number[] = [];
  const plain = new Float32Array(dims);
  const places = new Uint16Array(dims);
  const values = new Float64Array(dims);
  let used = 0;

  return {
    put(vector) {
      const row = free.pop() ?? used++;
      if (row >= blocks.length * ROWS) blocks.push(new Int16Array(ROWS * dims));
      const [block, start] = [blocks[Math.floor(row / ROWS)]!, (row % ROWS) * dims];
      for (let i = 0; i < dims; i++) block[start + i] = Math.round(Math.max(-1, Math.min(1, vector[i]!)) * FINE);
      return row;
    },
    free: (row) => void free.push(row),
    read(row) {
      const [block, start] = [blocks[Math.floor(row / ROWS)]!, (row % ROWS) * dims];
      for (let i = 0; i < dims; i++) plain[i] = block[start + i]! / FINE;
      return plain;
    },
    like(vector) {
      // A short text's is mostly 0: what is 0 there need not be read in the others.
      let n = 0;
      for (let i = 0; i < dims; i++) {
        if (vector[i] === 0) continue;
        places[n] = i;
        values[n++] = vector[i]! / FINE;
      }
      return (row) => {
        const [block, start] = [blocks[Math.floor(row / ROWS)]!, (row % ROWS) * dims];
        let sum = 0;
        for (let i = 0; i < n; i++) sum += block[start + places[i]!]! * values[i]!;
        return sum;
      };
    },
  };
}
