/**
 * A `Response` whose body has come whole. Read as text or JSON, as short answers are, it makes no stream; whoever
 * wants something else of it gets the real thing.
 */
export function wholeResponse(content: Uint8Array<ArrayBuffer> | string, init: ResponseInit): Response {
  return new Whole(content, init) as unknown as Response;
}

/** Its types say that a body's ways are properties, which no class may take anew. */
type Head = Pick<Response, 'status' | 'statusText' | 'headers'>;
const HeadOnly = Response as unknown as new (body: null, init: ResponseInit) => Head;

const decoder = new TextDecoder();

class Whole extends HeadOnly {
  readonly #content: Uint8Array<ArrayBuffer> | string;
  #real: Response | undefined;
  #used = false;

  constructor(content: Uint8Array<ArrayBuffer> | string, init: ResponseInit) {
    super(null, init);
    this.#content = content;
  }

  #whole(): Response {
    if (this.#used) throw new TypeError('Body is unusable: Body has already been read');
    const { status, statusText, headers } = this;
    this.#real ??= new Response(this.#content, { status, statusText, headers });
    return this.#real;
  }

  #take(): string {
    if (this.bodyUsed) throw new TypeError('Body is unusable: Body has already been read');
    this.#used = true;
    return typeof this.#content === 'string' ? this.#content : decoder.decode(this.#content);
  }

  get body(): Response['body'] {
    return this.#used ? null : this.#whole().body;
  }

  get bodyUsed(): boolean {
    return this.#used || this.#real?.bodyUsed === true;
  }

  async text(): Promise<string> {
    return this.#take();
  }

  async json(): Promise<unknown> {
    return JSON.parse(this.#take());
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return this.#whole().arrayBuffer();
  }

  async bytes(): Promise<Uint8Array> {
    return this.#whole().bytes();
  }

  async blob(): Promise<unknown> {
    return this.#whole().blob();
  }

  async formData(): Promise<unknown> {
    return this.#whole().formData();
  }

  clone(): Response {
    return this.#whole().clone();
  }
}
