/** Payload of the outbox rows that tell of a paused device by mail. */
export interface PausedDeviceOrder {
  accountId: string;
  /** Of the person whose device it is, and in which organization. */
  principalOrganizationId: string;
  principalId: string;
  deviceName: string;
  changed: number;
  total: number;
}

export const pausedDeviceTopic = "drive.device-paused";
