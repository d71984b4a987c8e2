/** The A2A door: every site is an agent, and so is each workflow it publishes. */
export { type PublishedOptions } from './agents.ts';
export { type A2aDoor, type A2aDoorOptions, createA2aDoor } from './door.ts';
export { type GrpcListening, type GrpcOptions, listenGrpc } from './grpc.ts';
export { hasA2aLibrary } from './library.ts';
export { type A2aServing, serveA2a, type ServeA2aOptions } from './serve.ts';
export {
  type A2aReply,
  type ArtifactReply,
  artifactReply,
  type MessageReply,
  messageReply,
  type PartJson,
  type TaskReply,
  taskReply,
} from './reply.ts';
