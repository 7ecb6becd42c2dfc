/** A camera's picture with shapes drawn on it. */
export { PictureEditor } from './PictureEditor';
export { PictureFrame, type Placed } from './PictureFrame';
export { ShapeMarks } from './ShapeMarks';
export { ShapesOverlay } from './ShapesOverlay';
export { problem, type Shape, type ShapeKind, type ShapeProblem } from './shapes';
export type { Point } from './view';
