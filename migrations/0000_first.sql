-- The first tables. Run on an empty database; takes no lock anyone waits for.
--
-- Written by drizzle-kit from packages/postgres/src/schema, then by hand what it cannot say:
-- day partitions (made and dropped by the reaper; rows that find none go to the default partition, which raises an
-- alarm) and the storage parameters of the hot table.

CREATE TABLE "api_keys" (
  "id" uuid PRIMARY KEY NOT NULL,
  "org_id" uuid NOT NULL,
  "name" text NOT NULL,
  "hash" bytea NOT NULL,
  "hint" text NOT NULL,
  "scopes" text[] NOT NULL,
  "requests_per_second" integer,
  "events_per_second" integer,
  "expires_at" timestamp with time zone,
  "last_used_at" timestamp with time zone,
  "created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "attempts" (
  "webhook_id" uuid NOT NULL,
  "id" uuid NOT NULL,
  "org_id" uuid NOT NULL,
  "delivery_id" uuid NOT NULL,
  "event_id" uuid NOT NULL,
  "event_type" text NOT NULL,
  "number" integer NOT NULL,
  "origin" text NOT NULL,
  "outcome" text NOT NULL,
  "detail" text,
  "status" integer,
  "started_at" timestamp with time zone NOT NULL,
  "duration_ms" integer NOT NULL,
  "waited_for" text,
  "url" text NOT NULL,
  "encoding" smallint,
  "sent_as" uuid,
  "request_headers" jsonb NOT NULL,
  "response_headers" jsonb,
  "response_body" bytea,
  "response_truncated" boolean NOT NULL,
  "next_step" text NOT NULL,
  "next_attempt_at" timestamp with time zone,
  CONSTRAINT "attempts_webhook_id_id_pk" PRIMARY KEY("webhook_id","id")
);
--> statement-breakpoint
CREATE TABLE "audit_log" (
  "id" uuid PRIMARY KEY NOT NULL,
  "at" timestamp with time zone DEFAULT now() NOT NULL,
  "org_id" uuid,
  "actor" text NOT NULL,
  "key_id" uuid,
  "key_name" text,
  "request_id" text,
  "action" text NOT NULL,
  "target" text NOT NULL,
  "fields" text[] NOT NULL,
  "details" jsonb NOT NULL,
  "alert_of" uuid
);
--> statement-breakpoint
CREATE TABLE "alert_marks" (
  "webhook_id" uuid PRIMARY KEY NOT NULL,
  "org_id" uuid NOT NULL,
  "failing_since" timestamp with time zone,
  "diverted_until" timestamp with time zone,
  "diverted_told_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "deliveries" (
  "id" uuid PRIMARY KEY NOT NULL,
  "event_id" uuid NOT NULL,
  "webhook_id" uuid NOT NULL,
  "org_id" uuid NOT NULL,
  "origin" text NOT NULL,
  "state" text NOT NULL,
  "sent_as" uuid,
  "reason" text,
  "attempts" integer DEFAULT 0 NOT NULL,
  "created_at" timestamp with time zone DEFAULT now() NOT NULL,
  "finished_at" timestamp with time zone
) PARTITION BY RANGE ("id");
--> statement-breakpoint
CREATE TABLE "deliveries_default" PARTITION OF "deliveries" DEFAULT;
--> statement-breakpoint
CREATE TABLE "delivery_due" (
  "delivery_id" uuid PRIMARY KEY NOT NULL,
  "event_id" uuid NOT NULL,
  "webhook_id" uuid NOT NULL,
  "org_id" uuid NOT NULL,
  "origin" text NOT NULL,
  "sent_as" uuid,
  "attempt" integer NOT NULL,
  "round_first" integer NOT NULL,
  "encoding" smallint,
  "due_at" timestamp with time zone NOT NULL,
  "created_at" timestamp with time zone DEFAULT now() NOT NULL,
  "last_failure" text,
  "enqueued_until" timestamp with time zone,
  "claim_no" integer DEFAULT floor(random() * 1000000000) NOT NULL,
  "claimed_until" timestamp with time zone
) WITH (
  -- Rows live for seconds and are updated once or twice: room for HOT updates, and vacuum that keeps up.
  fillfactor = 45,
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_cost_delay = 0,
  autovacuum_vacuum_insert_scale_factor = 0.1,
  autovacuum_analyze_scale_factor = 0,
  autovacuum_analyze_threshold = 5000
);
--> statement-breakpoint
CREATE TABLE "diverted_events" (
  "webhook_id" uuid NOT NULL,
  "event_id" uuid NOT NULL,
  "delivery_id" uuid NOT NULL,
  "org_id" uuid NOT NULL,
  "event_type" text NOT NULL,
  "attempts" integer NOT NULL,
  "reason" text NOT NULL,
  "trigger" text,
  "message" text NOT NULL,
  "sent_as" uuid,
  "diverted_at" timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT "diverted_events_webhook_id_event_id_pk" PRIMARY KEY("webhook_id","event_id")
);
--> statement-breakpoint
CREATE TABLE "event_type_schemas" (
  "org_id" uuid NOT NULL,
  "type" text NOT NULL,
  "version" integer NOT NULL,
  "id" uuid DEFAULT gen_random_uuid() NOT NULL,
  "schema" text NOT NULL,
  "created_at" timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT "event_type_schemas_org_id_type_version_pk" PRIMARY KEY("org_id","type","version")
);
--> statement-breakpoint
CREATE TABLE "event_types" (
  "org_id" uuid NOT NULL,
  "type" text NOT NULL,
  "description" text,
  "group_name" text,
  "deprecated" boolean NOT NULL,
  "examples" text NOT NULL,
  "schema_version" integer,
  "created_at" timestamp with time zone DEFAULT now() NOT NULL,
  "updated_at" timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT "event_types_org_id_type_pk" PRIMARY KEY("org_id","type")
);
--> statement-breakpoint
CREATE TABLE "events" (
  "id" uuid PRIMARY KEY NOT NULL,
  "org_id" uuid NOT NULL,
  "external_id" text,
  "type" text NOT NULL,
  "attributes" jsonb,
  "payload" bytea NOT NULL,
  "occurred_at" timestamp with time zone NOT NULL,
  "request_id" text NOT NULL,
  "created_at" timestamp with time zone DEFAULT now() NOT NULL,
  "schema_version" integer,
  "traceparent" text,
  "committed_in" xid8 DEFAULT pg_current_xact_id() NOT NULL
) PARTITION BY RANGE ("id");
--> statement-breakpoint
CREATE TABLE "events_default" PARTITION OF "events" DEFAULT;
--> statement-breakpoint
CREATE TABLE "events_kept" (
  "id" uuid PRIMARY KEY NOT NULL,
  "org_id" uuid NOT NULL,
  "external_id" text,
  "type" text NOT NULL,
  "attributes" jsonb,
  "payload" bytea NOT NULL,
  "occurred_at" timestamp with time zone NOT NULL,
  "request_id" text NOT NULL,
  "created_at" timestamp with time zone DEFAULT now() NOT NULL,
  "schema_version" integer,
  "traceparent" text
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
  "org_id" uuid NOT NULL,
  "key" text NOT NULL,
  "request_hash" bytea NOT NULL,
  "event_id" uuid NOT NULL,
  "deliveries" integer NOT NULL,
  "expires_at" timestamp with time zone NOT NULL,
  CONSTRAINT "idempotency_keys_org_id_key_pk" PRIMARY KEY("org_id","key")
);
--> statement-breakpoint
CREATE TABLE "operations" (
  "id" uuid PRIMARY KEY NOT NULL,
  "org_id" uuid,
  "webhook_id" uuid,
  "kind" text NOT NULL,
  "details" jsonb NOT NULL,
  "per_second" integer NOT NULL,
  "state" text NOT NULL,
  "waiting_for" text,
  "total" integer,
  "examined" integer DEFAULT 0 NOT NULL,
  "moved" integer DEFAULT 0 NOT NULL,
  "position" uuid,
  "next_step_at" timestamp with time zone DEFAULT now() NOT NULL,
  "created_at" timestamp with time zone DEFAULT now() NOT NULL,
  "finished_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "orgs" (
  "id" uuid PRIMARY KEY NOT NULL,
  "number" bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  "slug" text NOT NULL,
  "name" text NOT NULL,
  "settings" jsonb DEFAULT '{}'::jsonb NOT NULL,
  "config_version" bigint DEFAULT 1 NOT NULL,
  "created_at" timestamp with time zone DEFAULT now() NOT NULL,
  "deleted_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "pauses" (
  "target" uuid PRIMARY KEY NOT NULL,
  "scope" text NOT NULL,
  "org_id" uuid,
  "since" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE UNLOGGED TABLE "rate_buckets" (
  "bucket" text PRIMARY KEY NOT NULL,
  "tokens" double precision NOT NULL,
  "at" timestamp with time zone NOT NULL
) WITH (
  -- Few rows, each updated several times a second: room for HOT updates, and vacuum that keeps up.
  fillfactor = 50,
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 1000
);
--> statement-breakpoint
CREATE TABLE "stats" (
  "scope_id" uuid NOT NULL,
  "span" text NOT NULL,
  "start" timestamp with time zone NOT NULL,
  "org_id" uuid NOT NULL,
  "accepted" integer NOT NULL,
  "rejected" integer NOT NULL,
  "timed_out" integer NOT NULL,
  "unreachable" integer NOT NULL,
  "blocked" integer NOT NULL,
  "delivered" integer NOT NULL,
  "diverted" integer NOT NULL,
  "discarded" integer NOT NULL,
  "latency" integer[] NOT NULL,
  CONSTRAINT "stats_scope_id_span_start_pk" PRIMARY KEY("scope_id","span","start")
) WITH (
  -- The rows of this minute are updated every few seconds.
  fillfactor = 50
);
--> statement-breakpoint
CREATE TABLE "webhook_health" (
  "webhook_id" uuid PRIMARY KEY NOT NULL,
  "org_id" uuid NOT NULL,
  "failures" integer NOT NULL,
  "first_failure_at" timestamp with time zone,
  "last_failure_at" timestamp with time zone,
  "last_success_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "webhook_secrets" (
  "id" uuid PRIMARY KEY NOT NULL,
  "webhook_id" uuid NOT NULL,
  "org_id" uuid NOT NULL,
  "kind" text NOT NULL,
  "sealed" bytea NOT NULL,
  "hint" text NOT NULL,
  "tag" text,
  "public_key" text,
  "created_at" timestamp with time zone DEFAULT now() NOT NULL,
  "expires_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "webhooks" (
  "id" uuid PRIMARY KEY NOT NULL,
  "org_id" uuid NOT NULL,
  "number" bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  "name" text NOT NULL,
  "description" text,
  "url" text NOT NULL,
  "events" text[] NOT NULL,
  "encoding" smallint DEFAULT 0 NOT NULL,
  "signing" boolean DEFAULT true NOT NULL,
  "filters" jsonb,
  "sealed_headers" bytea,
  "sealed_auth" bytea,
  "verify_tls" boolean DEFAULT true NOT NULL,
  "ca_bundle" jsonb,
  "sealed_client_certificate" bytea,
  "failure_policy" jsonb NOT NULL,
  "timeout_ms" integer NOT NULL,
  "rate_limit" integer,
  "max_in_flight" integer,
  "enabled" boolean NOT NULL,
  "suspended_at" timestamp with time zone,
  "suspended_reason" text,
  "deleted_at" timestamp with time zone,
  "draining" boolean DEFAULT false NOT NULL,
  "version" integer DEFAULT 1 NOT NULL,
  "created_at" timestamp with time zone DEFAULT now() NOT NULL,
  "updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX "api_keys_hash" ON "api_keys" USING btree ("hash");--> statement-breakpoint
CREATE INDEX "api_keys_org" ON "api_keys" USING btree ("org_id","id");--> statement-breakpoint
CREATE INDEX "audit_log_untold" ON "audit_log" USING btree ("alert_of") WHERE alert_of is not null;--> statement-breakpoint
CREATE INDEX "webhooks_listening" ON "webhooks" USING btree ("org_id") WHERE events && '{hooklane.*,hooklane.webhook.*,hooklane.webhook.suspended,hooklane.webhook.failing,hooklane.delivery.*,hooklane.delivery.diverted,hooklane.secret.*,hooklane.secret.rotated}'::text[];--> statement-breakpoint
CREATE INDEX "webhooks_alert_url" ON "webhooks" USING btree ("id") WHERE failure_policy->>'alertUrl' is not null;--> statement-breakpoint
CREATE INDEX "audit_log_age" ON "audit_log" USING btree ("at","id");--> statement-breakpoint
CREATE INDEX "audit_log_org" ON "audit_log" USING btree ("org_id","at","id");--> statement-breakpoint
CREATE INDEX "deliveries_webhook" ON "deliveries" USING btree ("webhook_id","id");--> statement-breakpoint
CREATE INDEX "deliveries_event" ON "deliveries" USING btree ("event_id");--> statement-breakpoint
CREATE INDEX "delivery_due_age" ON "delivery_due" USING btree ((due_at AT TIME ZONE 'UTC'));--> statement-breakpoint
CREATE INDEX "delivery_due_webhook" ON "delivery_due" USING btree ("webhook_id","due_at");--> statement-breakpoint
CREATE INDEX "diverted_events_age" ON "diverted_events" USING btree ("diverted_at","event_id");--> statement-breakpoint
CREATE INDEX "diverted_events_webhook" ON "diverted_events" USING btree ("webhook_id","diverted_at","event_id");--> statement-breakpoint
CREATE INDEX "diverted_events_org" ON "diverted_events" USING btree ("org_id","diverted_at","event_id");--> statement-breakpoint
CREATE UNIQUE INDEX "event_type_schemas_id" ON "event_type_schemas" USING btree ("id");--> statement-breakpoint
CREATE INDEX "events_org" ON "events" USING btree ("org_id","id");--> statement-breakpoint
CREATE INDEX "events_stream" ON "events" USING btree ("org_id","committed_in","id");--> statement-breakpoint
CREATE INDEX "events_request" ON "events" USING btree ("org_id","request_id","committed_in","id");--> statement-breakpoint
CREATE INDEX "events_external" ON "events" USING btree ("org_id","external_id","committed_in","id") WHERE external_id is not null;--> statement-breakpoint
CREATE INDEX "idempotency_keys_expiry" ON "idempotency_keys" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "operations_running" ON "operations" USING btree ("next_step_at") WHERE state = 'running';--> statement-breakpoint
CREATE INDEX "operations_org" ON "operations" USING btree ("org_id","id");--> statement-breakpoint
CREATE INDEX "operations_finished" ON "operations" USING btree ("finished_at") WHERE finished_at is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "orgs_slug" ON "orgs" USING btree ("slug") WHERE deleted_at is null;--> statement-breakpoint
CREATE INDEX "stats_age" ON "stats" USING btree ("span","start");--> statement-breakpoint
CREATE INDEX "webhook_secrets_webhook" ON "webhook_secrets" USING btree ("webhook_id","id");--> statement-breakpoint
CREATE INDEX "webhooks_org" ON "webhooks" USING btree ("org_id","created_at","id") WHERE deleted_at is null;--> statement-breakpoint
CREATE INDEX "webhooks_events" ON "webhooks" USING gin ("events") WHERE deleted_at is null;--> statement-breakpoint
CREATE INDEX "webhooks_org_name" ON "webhooks" USING btree ("org_id","name","id") WHERE deleted_at is null;--> statement-breakpoint
CREATE INDEX "webhooks_draining" ON "webhooks" USING btree ("id") WHERE draining;--> statement-breakpoint
CREATE INDEX "webhooks_suspended" ON "webhooks" USING btree ("suspended_at","id") WHERE suspended_at is not null;
