export type { AddressPolicy, AddressPolicyOptions } from './address-policy.ts';
export { createAddressPolicy, InvalidNetworksError } from './address-policy.ts';
export type { DestinationGuardOptions } from './destination-guard.ts';
export { createDestinationGuard } from './destination-guard.ts';
export { UnsendableRequestError } from './exchange.ts';
export type { Address, Resolution, Resolver, ResolverOptions } from './resolver.ts';
export { createResolver } from './resolver.ts';
export type { HttpSender, SenderOptions } from './sender.ts';
export { createSender, SenderClosedError } from './sender.ts';
