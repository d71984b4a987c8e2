// Some servers of the suite stand for one feature of the 2026 wire and know neither `server/discover` nor `initialize`:
// no client could connect to them. For those alone the connection's first question is answered here; all that the
// scenario measures goes to the suite's server.
export async function withDiscovery(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const message = typeof init?.body === 'string' ? (JSON.parse(init.body) as { method?: string; id?: unknown }) : {};
  if (message.method !== 'server/discover') return fetch(input, init);
  return Response.json({
    jsonrpc: '2.0',
    id: message.id,
    result: {
      supportedVersions: ['2026-07-28'],
      capabilities: { tools: { listChanged: true }, resources: {}, prompts: {} },
      _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'mute', version: '1' } },
    },
  });
}
