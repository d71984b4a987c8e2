/** Confidence (CP-WBFT): the answer whose holders say they are surest. One liar that says 1 wins: the baseline to break. */
import { count, type Panel, type Protocol, type Reply, type Verdict } from '../../flow/index.ts';
import { campsOf, confidenceOf, placed } from './spoken.ts';

interface State {
  panel: Panel;
  replies: Reply[];
}

export const confidence: Protocol<State> = {
  name: 'confidence',
  about: 'not recommended: the answer with the highest mean `confidence` that its holders claim',
  options: {},
  panel: 5,
  start: (_spec, panel) => ({ panel, replies: [] }),
  next({ panel, replies }) {
    if (replies.length === 0)
      return { move: 'asks', asks: panel.members.map(({ agent }) => ({ agent, kind: 'answer' })) };
    const all = placed(replies, panel);
    const means = [...campsOf(all)].flatMap(([camp, held]) => {
      const said = held.flatMap(({ output }) => confidenceOf(output) ?? []);
      return said.length === 0 ? [] : [{ camp, mean: said.reduce((a, b) => a + b, 0) / said.length }];
    });
    means.sort((a, b) => b.mean - a.mean || a.camp - b.camp);
    const [first, second] = means;
    const margin = (first?.mean ?? 0) - (second?.mean ?? 0);
    const plain = count(all, ({ output }) => confidenceOf(output) ?? 0, panel.members);
    const verdict: Verdict = { margin, votes: plain.votes };
    if (plain.single !== undefined) verdict.single = plain.single;
    for (const vote of verdict.votes) vote.for = false;
    if (first === undefined) return { move: 'escalation', why: 'nobody said how sure it is', verdict };
    if (margin === 0 && second !== undefined) return { move: 'escalation', why: 'a tie', verdict };
    for (const vote of verdict.votes) vote.for = vote.camp === first.camp;
    verdict.chosen = verdict.votes.find((vote) => vote.for)!.ask;
    if (first.mean > 0) verdict.belief = first.mean;
    return { move: 'verdict', verdict };
  },
  heard(state, reply) {
    state.replies.push(reply);
    return state;
  },
};
