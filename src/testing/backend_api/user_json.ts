import type { EmulatedUser } from "../entities.ts";

/** A user as the Backend API writes it. */
export function userJson(user: EmulatedUser): Record<string, unknown> {
  const emails = user.email === null ? user.otherEmails : [user.email, ...user.otherEmails];
  return {
    object: "user",
    id: user.id,
    username: user.username,
    first_name: user.firstName,
    last_name: user.lastName,
    image_url: user.imageUrl,
    has_image: true,
    primary_email_address_id: user.email === null ? null : emailAddressId(user, 0),
    primary_phone_number_id: null,
    primary_web3_wallet_id: null,
    email_addresses: emails.map((address, index) => emailAddressJson(user, { address, index })),
    phone_numbers: [],
    web3_wallets: [],
    external_accounts: [],
    enterprise_accounts: [],
    organization_memberships: null,
    public_metadata: user.publicMetadata,
    private_metadata: user.privateMetadata,
    unsafe_metadata: user.unsafeMetadata,
    external_id: null,
    password_enabled: false,
    two_factor_enabled: false,
    totp_enabled: false,
    backup_code_enabled: false,
    banned: false,
    locked: false,
    deprovisioned: false,
    create_organization_enabled: true,
    delete_self_enabled: true,
    last_sign_in_at: null,
    last_active_at: null,
    legal_accepted_at: null,
    created_at: user.createdAt,
    updated_at: user.createdAt,
  };
}

function emailAddressJson(
  user: EmulatedUser,
  { address, index }: { address: string; index: number },
): Record<string, unknown> {
  const isVerified = index > 0 || user.emailVerified;
  return {
    object: "email_address",
    id: emailAddressId(user, index),
    email_address: address,
    verification: isVerified
      ? { status: "verified", strategy: "admin", attempts: null, expire_at: null }
      : null,
    linked_to: [],
  };
}

function emailAddressId({ id }: EmulatedUser, index: number): string {
  return `idn_${id.slice("user_".length, -1)}${index}`;
}
