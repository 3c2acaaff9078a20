import type { CounterMetric, HistogramMetric, Metrics } from "../../telemetry/metrics.ts";

export interface SmtpMetrics {
  readonly messages: CounterMetric<"service" | "outcome">;
  readonly bytes: CounterMetric<"service">;
  readonly refusedRecipients: CounterMetric<"service">;
  /** From the end of the data to our answer. */
  readonly seconds: HistogramMetric<"service">;
}

/** To be made once, for all SMTP servers of the process. */
export function createSmtpMetrics(metrics: Metrics): SmtpMetrics {
  return {
    messages: metrics.counter({
      name: "smtp_messages_total",
      help: "Messages that came by SMTP and how they were answered.",
      labels: ["service", "outcome"],
    }),
    bytes: metrics.counter({
      name: "smtp_message_bytes_total",
      help: "Bytes of the messages accepted by SMTP.",
      labels: ["service"],
    }),
    refusedRecipients: metrics.counter({
      name: "smtp_refused_recipients_total",
      help: "Recipients refused at RCPT.",
      labels: ["service"],
    }),
    seconds: metrics.histogram({
      name: "smtp_message_seconds",
      help: "Time from the end of a message to its answer.",
      labels: ["service"],
    }),
  };
}
