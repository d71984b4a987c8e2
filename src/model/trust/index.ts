export { clustersOf } from './clusters.ts';
export { createFigures } from './figures.ts';
export { fitWeights } from './fit.ts';
export { figuresOf, foldChanged, foldChecked, foldUnchecked } from './fold.ts';
export { recordsOf } from './records.ts';
export * from './words.ts';
