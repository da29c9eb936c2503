// Detection: finds in a group's messages the decisions people take, options being weighed, and business moving elsewhere.
// Owns: the cues (cues-en.json), the trained weights (weights-en.json), and how messages become discussions and signals.
// Pure and in-process: touches no network, no database, no clock; reads its weights file once. Keeps no text beyond what a
// live discussion's last messages need. Training and measuring stand in training/ and are never loaded at run time.
export { detect, type GroupState, initialState, type Step, signals, step } from './detector.js'
export { requireLanguage } from './model.js'
export { detectLine, detectStream, type LineResult, type PlacedSignal, type StreamOutcome } from './stream.js'
export {
  type DecisionType,
  type DetectMessage,
  type DetectOptions,
  decisionTypes,
  type Signal,
  type SignalKind,
} from './types.js'
