/** skein/mcp: MCP servers as agents in a program, and a program's site as an MCP server. */
export {
  createMcpDoor,
  type McpDoor,
  type McpDoorOptions,
  type McpStdioDoor,
  serveMcpStdio,
} from './doors/mcp/door.ts';
export {
  createMcpAgent,
  type McpAgentOptions,
  type McpAuth,
  type McpServerAddress,
  type McpSkillWord,
  oauthByPage,
  type OAuthOptions,
} from './ports/agent/mcp/index.ts';
