/** What every way out keeps, whatever dials: the forms in which a stranger names an inside address are refused. */
import assert from 'node:assert/strict';
import { Fault } from '../../base/index.ts';
import type { Net, NetOptions } from './port.ts';

export interface NetLab {
  open(options: NetOptions): Net;
}

export interface NetRow {
  name: string;
  run(lab: NetLab): Promise<void>;
}

/** Forms of inside addresses: as a URL may spell them, and (with `leads`) as a resolver may give them. */
export const INSIDE_FORMS: readonly { url: string; leads?: string[] }[] = [
  // loopback, in every spelling
  'http://127.0.0.1/',
  'http://127.1/',
  'http://127.0.1/',
  'http://127.255.255.254/',
  'http://2130706433/',
  'http://017700000001/',
  'http://0x7f000001/',
  'http://0x7f.0x0.0x0.0x1/',
  'http://0177.0.0.1/',
  'http://0177.0.0.0x1/',
  'http://127.0.0.1./',
  'http://%31%32%37.0.0.1/',
  'http://①②⑦.⓪.⓪.①/',
  'http://127。0。0。1/',
  'https://127.0.0.1:8443/',
  // this network
  'http://0.0.0.0/',
  'http://0/',
  'http://0x0/',
  // private, shared, link-local and the clouds' metadata
  'http://10.0.0.1/',
  'http://10.1/',
  'http://167772161/',
  'http://172.16.0.1/',
  'http://172.31.255.255/',
  'http://192.168.1.1/',
  'http://192.168.257/',
  'http://3232235777/',
  'http://100.64.0.1/',
  'http://100.127.255.254/',
  'http://100.100.100.200/',
  'http://169.254.169.254/latest/meta-data/',
  'http://169.254.43518/',
  'http://2852039166/',
  'http://0xA9FEA9FE/',
  'http://0251.0376.0251.0376/',
  // assigned, documentation, benchmarking, multicast, reserved
  'http://192.0.0.192/',
  'http://192.0.2.1/',
  'http://198.18.0.1/',
  'http://198.51.100.7/',
  'http://203.0.113.9/',
  'http://192.88.99.1/',
  'http://224.0.0.1/',
  'http://240.0.0.1/',
  'http://255.255.255.255/',
  // IPv6
  'http://[::1]/',
  'http://[0:0:0:0:0:0:0:1]/',
  'http://[0000:0000:0000:0000:0000:0000:0000:0001]/',
  'http://[::]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:7f00:1]/',
  'http://[::ffff:169.254.169.254]/',
  'http://[::ffff:a9fe:a9fe]/',
  'http://[::127.0.0.1]/',
  'http://[::ffff:0:127.0.0.1]/',
  'http://[64:ff9b::127.0.0.1]/',
  'http://[64:ff9b::a9fe:a9fe]/',
  'http://[64:ff9b:1::1]/',
  'http://[2002:7f00:1::]/',
  'http://[2002:c0a8:101::1]/',
  'http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/',
  'http://[2001:db8::1]/',
  'http://[3fff::1]/',
  'http://[fc00::1]/',
  'http://[fd00:ec2::254]/',
  'http://[fe80::1]/',
  'http://[fec0::1]/',
  'http://[ff02::1]/',
  'http://[100::1]/',
  // inside names
  'http://localhost/',
  'http://LOCALHOST/',
  'http://localhost./',
  'http://a.localhost/',
  'http://router.local/',
  'http://metadata.google.internal/',
  'http://db/',
  'http://nas.lan/',
  // shut ports, credentials, schemes
  'http://example.com:22/',
  'http://example.com:25/',
  'http://example.com:6379/',
  'http://example.com:11211/',
  'http://example.com:2375/',
  'http://user:word@example.com/',
  'http://example.com@127.0.0.1/',
  'http://127.0.0.1#@example.com/',
  'http://127.0.0.1\\@example.com/',
  'ftp://example.com/',
  'file:///etc/passwd',
  'gopher://example.com:6379/_x',
  'data:text/plain,x',
  'javascript:1',
  'unix:/var/run/docker.sock',
]
  .map((url): { url: string; leads?: string[] } => ({ url }))
  .concat([
    { url: 'http://one.example/', leads: ['127.0.0.1'] },
    { url: 'http://one.example/', leads: ['::1'] },
    { url: 'http://one.example/', leads: ['::ffff:10.0.0.1'] },
    { url: 'http://one.example/', leads: ['169.254.169.254'] },
    { url: 'http://one.example/', leads: ['fe80::1%eth0'] },
    { url: 'http://127.0.0.1.nip.example/', leads: ['127.0.0.1'] },
    // one good, one bad: what rebinding looks like
    { url: 'http://two.example/', leads: ['93.184.216.34', '127.0.0.1'] },
    { url: 'http://two.example/', leads: ['2606:2800:220:1::1', 'fd00::1'] },
  ]);

async function refusal(work: Promise<unknown>): Promise<Fault> {
  const thrown: unknown = await work.then(
    () => assert.fail('it was let through'),
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof Fault, String(thrown));
  return thrown;
}

const publicOnly: NetOptions['resolve'] = async () => [{ address: '93.184.216.34', family: 4 }];

export const netContract: NetRow[] = [
  ...INSIDE_FORMS.map(({ url, leads }) => ({
    name: `refuses ${url}${leads === undefined ? '' : ` leading to ${leads.join(' and ')}`}`,
    async run(lab: NetLab) {
      const found = leads?.map((address) => ({ address, family: address.includes(':') ? (6 as const) : (4 as const) }));
      const net = lab.open({ resolve: found === undefined ? publicOnly : async () => found });
      assert.equal((await refusal(net.fetch(url, { limits: { answerMs: 500 } }))).code, 'address.refused');
      assert.equal((await refusal(net.dial(url))).code, 'address.refused');
      net.close();
    },
  })),
  {
    name: 'a public name is dialled at the address it leads to',
    async run(lab) {
      const net = lab.open({ resolve: publicOnly });
      assert.deepEqual(await net.dial('https://agents.example/x'), {
        address: '93.184.216.34',
        family: 4,
        hostname: 'agents.example',
        port: 443,
        secure: true,
      });
      net.close();
    },
  },
  {
    name: 'what the allow-list names may be dialled, and nothing beside it',
    async run(lab) {
      const net = lab.open({ allow: ['localhost:4000', '10.1.0.0/16', '[::1]:80', '127.0.0.2'] });
      for (const url of ['http://localhost:4000/', 'http://10.1.2.3:9200/', 'http://[::1]/', 'http://127.0.0.2:22/'])
        await net.dial(url);
      for (const url of ['http://localhost:4001/', 'http://10.2.0.1/', 'http://[::1]:81/', 'http://127.0.0.1:4000/'])
        assert.equal((await refusal(net.dial(url))).code, 'address.refused');
      net.close();
    },
  },
  {
    name: 'an entry of the allow-list that cannot be read is refused at once',
    async run(lab) {
      for (const entry of ['http://x/', '10.0.0.0/33', '10.0.0.0/8/8', 'a b', ''])
        assert.throws(() => lab.open({ allow: [entry] }), { code: 'input.invalid' });
    },
  },
];
