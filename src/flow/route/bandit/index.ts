export { type Arm, type Bandit, type BanditOptions, type Belief, createBandit, newArm } from './bandit.ts';
export { addReward, addSums, addTry, type Features, newSums, posteriorOf, predict, type Sums } from './linear.ts';
