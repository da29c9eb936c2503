/**
 * The parts of Bolt we use, in one place: importing this file is what costs Bolt's loading time, so everything else
 * takes it as a value ({@link Bolt}) and only `index.ts` imports it, lazily.
 */
export { App, HTTPReceiver, LogLevel, SocketModeReceiver, webApi } from '@slack/bolt'
