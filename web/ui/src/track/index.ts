export { line, messages, thing, towards } from './line';
export { SeenThing } from './SeenThing';
