/** The peers, their pinned versions, and what keeps them from calling home. */
export interface Peer {
  name: string;
  packages: Readonly<Record<string, string>>;
  /** The package whose version names the peer. */
  main: string;
  /** What it sends out in spite of every setting; then it runs only where it can be kept in. */
  callsHome?: string;
}

export const PEERS: readonly Peer[] = [
  {
    name: 'langgraph',
    main: '@langchain/langgraph',
    packages: {
      '@langchain/langgraph': '1.4.12',
      '@langchain/langgraph-checkpoint-sqlite': '1.0.4',
      '@langchain/core': '1.2.13',
      zod: '4.6.7',
    },
  },
  {
    name: 'mastra',
    main: '@mastra/core',
    packages: { '@mastra/core': '1.71.0', '@mastra/libsql': '1.23.1', zod: '4.6.7' },
  },
  {
    name: 'restate',
    main: '@restatedev/restate-server',
    callsHome: 'its server asks for its latest release at every start, and no setting stops it',
    packages: { '@restatedev/restate-server': '1.7.12', '@restatedev/restate-sdk': '1.17.2' },
  },
];

/** No traces, no usage figures, no colours: in the environment of every peer and its install. */
export const QUIET: Record<string, string> = {
  DO_NOT_TRACK: '1',
  LANGSMITH_TRACING: 'false',
  LANGSMITH_TRACING_V2: 'false',
  LANGCHAIN_TRACING: 'false',
  LANGCHAIN_TRACING_V2: 'false',
  LANGCHAIN_CALLBACKS_BACKGROUND: 'false',
  MASTRA_TELEMETRY_DISABLED: '1',
  RESTATE_DISABLE_TELEMETRY: 'true',
  RESTATE_LOGGING: 'ERROR',
  SCARF_ANALYTICS: 'false',
  NO_COLOR: '1',
};
