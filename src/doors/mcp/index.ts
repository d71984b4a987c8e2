/** The MCP door: hosts such as Claude or an IDE use a site's swarms as tools. */
export { createMcpDoor, type McpDoor, type McpDoorOptions, type McpStdioDoor, serveMcpStdio } from './door.ts';
export { METADATA_PATH, type Resource, resourceChallenge, resourceMetadata } from './resource.ts';
export { hasMcpLibrary } from './library.ts';
export { createEndpoint, type EndpointOptions, type Revision } from './endpoint.ts';
export type { Endpoint, Notifier } from './face.ts';
