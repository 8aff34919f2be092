// Made by `soulseer types build` from the schema public. Give it to the client: createClient<Database>(url, key).

export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  "public": {
    Tables: {
      "admins": {
        Row: {
          "avatar": string | null;
          "created_at": string;
          "first_name": string | null;
          "id": string;
          "last_name": string | null;
          "permissions": (Database["public"]["Enums"]["admin_permission"])[];
          "updated_at": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "avatar"?: string | null;
          "created_at"?: string;
          "first_name"?: string | null;
          "id"?: string;
          "last_name"?: string | null;
          "permissions"?: (Database["public"]["Enums"]["admin_permission"])[];
          "updated_at"?: string;
          "user_id": string;
        };
        Update: {
          "avatar"?: string | null;
          "created_at"?: string;
          "first_name"?: string | null;
          "id"?: string;
          "last_name"?: string | null;
          "permissions"?: (Database["public"]["Enums"]["admin_permission"])[];
          "updated_at"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "admins_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: true;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "audit_logs": {
        Row: {
          "action": string;
          "changes": Json | null;
          "created_at": string;
          "entity_id": string;
          "entity_type": string;
          "id": string;
          "ip_address": unknown;
          "request_id": string | null;
          "user_agent": string | null;
          "user_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "action": string;
          "changes"?: Json | null;
          "created_at"?: string;
          "entity_id": string;
          "entity_type": string;
          "id"?: string;
          "ip_address"?: unknown;
          "request_id"?: string | null;
          "user_agent"?: string | null;
          "user_id"?: string | null;
        };
        Update: {
          "action"?: string;
          "changes"?: Json | null;
          "created_at"?: string;
          "entity_id"?: string;
          "entity_type"?: string;
          "id"?: string;
          "ip_address"?: unknown;
          "request_id"?: string | null;
          "user_agent"?: string | null;
          "user_id"?: string | null;
        };
        Relationships: [];
      };
      "auto_reloads": {
        Row: {
          "amount": number;
          "card_id": string;
          "created_at": string;
          "currency": string;
          "declines": number;
          "id": string;
          "is_active": boolean;
          "monthly_cap": number;
          "retry_at": string | null;
          "stopped_reason": string | null;
          "threshold": number | null;
          "updated_at": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "amount": number;
          "card_id": string;
          "created_at"?: string;
          "currency"?: string;
          "declines"?: number;
          "id"?: string;
          "is_active"?: boolean;
          "monthly_cap": number;
          "retry_at"?: string | null;
          "stopped_reason"?: string | null;
          "threshold"?: number | null;
          "updated_at"?: string;
          "user_id": string;
        };
        Update: {
          "amount"?: number;
          "card_id"?: string;
          "created_at"?: string;
          "currency"?: string;
          "declines"?: number;
          "id"?: string;
          "is_active"?: boolean;
          "monthly_cap"?: number;
          "retry_at"?: string | null;
          "stopped_reason"?: string | null;
          "threshold"?: number | null;
          "updated_at"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "auto_reloads_card_id_fkey";
            columns: ["card_id"];
            isOneToOne: false;
            referencedRelation: "cards";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "auto_reloads_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: true;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "availability": {
        Row: {
          "created_at": string;
          "day_of_week": number;
          "end_time": string;
          "id": string;
          "is_available": boolean;
          "is_recurring": boolean;
          "local_span": unknown;
          "reader_id": string;
          "specific_date": string | null;
          "start_time": string;
          "updated_at": string;
          "week_minutes": unknown;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "day_of_week": number;
          "end_time": string;
          "id"?: string;
          "is_available"?: boolean;
          "is_recurring"?: boolean;
          "local_span"?: never;
          "reader_id": string;
          "specific_date"?: string | null;
          "start_time": string;
          "updated_at"?: string;
          "week_minutes"?: never;
        };
        Update: {
          "created_at"?: string;
          "day_of_week"?: number;
          "end_time"?: string;
          "id"?: string;
          "is_available"?: boolean;
          "is_recurring"?: boolean;
          "local_span"?: never;
          "reader_id"?: string;
          "specific_date"?: string | null;
          "start_time"?: string;
          "updated_at"?: string;
          "week_minutes"?: never;
        };
        Relationships: [
          {
            foreignKeyName: "availability_reader_id_fkey";
            columns: ["reader_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "blocks": {
        Row: {
          "blocked_id": string;
          "blocker_id": string;
          "created_at": string;
          "id": string;
        };
        ComputedFields: never;
        Insert: {
          "blocked_id": string;
          "blocker_id": string;
          "created_at"?: string;
          "id"?: string;
        };
        Update: {
          "blocked_id"?: string;
          "blocker_id"?: string;
          "created_at"?: string;
          "id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "blocks_blocked_id_fkey";
            columns: ["blocked_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "blocks_blocker_id_fkey";
            columns: ["blocker_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "bookings": {
        Row: {
          "client_id": string;
          "created_at": string;
          "during": unknown;
          "reader_id": string;
          "session_id": string;
        };
        ComputedFields: never;
        Insert: {
          "client_id": string;
          "created_at"?: string;
          "during": unknown;
          "reader_id": string;
          "session_id": string;
        };
        Update: {
          "client_id"?: string;
          "created_at"?: string;
          "during"?: unknown;
          "reader_id"?: string;
          "session_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "bookings_client_id_fkey";
            columns: ["client_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "bookings_reader_id_fkey";
            columns: ["reader_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "bookings_session_id_fkey";
            columns: ["session_id"];
            isOneToOne: true;
            referencedRelation: "sessions";
            referencedColumns: ["id"];
          },
        ];
      };
      "cards": {
        Row: {
          "brand": string;
          "created_at": string;
          "exp_month": number;
          "exp_year": number;
          "fingerprint": string;
          "id": string;
          "is_saved": boolean;
          "last4": string;
          "payment_method_id": string;
          "updated_at": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "brand": string;
          "created_at"?: string;
          "exp_month": number;
          "exp_year": number;
          "fingerprint": string;
          "id"?: string;
          "is_saved": boolean;
          "last4": string;
          "payment_method_id": string;
          "updated_at"?: string;
          "user_id": string;
        };
        Update: {
          "brand"?: string;
          "created_at"?: string;
          "exp_month"?: number;
          "exp_year"?: number;
          "fingerprint"?: string;
          "id"?: string;
          "is_saved"?: boolean;
          "last4"?: string;
          "payment_method_id"?: string;
          "updated_at"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "cards_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "chat_messages": {
        Row: {
          "content": NonNullable<Json>;
          "created_at": string;
          "id": string;
          "message_type": Database["public"]["Enums"]["message_type"];
          "sender_id": string;
          "session_id": string;
        };
        ComputedFields: never;
        Insert: {
          "content": NonNullable<Json>;
          "created_at"?: string;
          "id"?: string;
          "message_type"?: Database["public"]["Enums"]["message_type"];
          "sender_id": string;
          "session_id": string;
        };
        Update: {
          "content"?: NonNullable<Json>;
          "created_at"?: string;
          "id"?: string;
          "message_type"?: Database["public"]["Enums"]["message_type"];
          "sender_id"?: string;
          "session_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "chat_messages_sender_id_fkey";
            columns: ["sender_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "chat_messages_session_id_fkey";
            columns: ["session_id"];
            isOneToOne: false;
            referencedRelation: "sessions";
            referencedColumns: ["id"];
          },
        ];
      };
      "clients": {
        Row: {
          "avatar": string | null;
          "bio": string | null;
          "created_at": string;
          "date_of_birth": string | null;
          "first_name": string | null;
          "id": string;
          "last_name": string | null;
          "preferences": NonNullable<Json>;
          "preferred_categories": (string)[];
          "preferred_session_types": (Database["public"]["Enums"]["session_type"])[];
          "timezone": string;
          "updated_at": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "avatar"?: string | null;
          "bio"?: string | null;
          "created_at"?: string;
          "date_of_birth"?: string | null;
          "first_name"?: string | null;
          "id"?: string;
          "last_name"?: string | null;
          "preferences"?: NonNullable<Json>;
          "preferred_categories"?: (string)[];
          "preferred_session_types"?: (Database["public"]["Enums"]["session_type"])[];
          "timezone"?: string;
          "updated_at"?: string;
          "user_id": string;
        };
        Update: {
          "avatar"?: string | null;
          "bio"?: string | null;
          "created_at"?: string;
          "date_of_birth"?: string | null;
          "first_name"?: string | null;
          "id"?: string;
          "last_name"?: string | null;
          "preferences"?: NonNullable<Json>;
          "preferred_categories"?: (string)[];
          "preferred_session_types"?: (Database["public"]["Enums"]["session_type"])[];
          "timezone"?: string;
          "updated_at"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "clients_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: true;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "consents": {
        Row: {
          "accepted_at": string;
          "details": NonNullable<Json>;
          "id": string;
          "ip_address": unknown;
          "kind": Database["public"]["Enums"]["consent_kind"];
          "user_id": string;
          "version": string;
          "withdrawn_at": string | null;
        };
        ComputedFields: never;
        Insert: {
          "accepted_at"?: string;
          "details"?: NonNullable<Json>;
          "id"?: string;
          "ip_address"?: unknown;
          "kind": Database["public"]["Enums"]["consent_kind"];
          "user_id": string;
          "version": string;
          "withdrawn_at"?: string | null;
        };
        Update: {
          "accepted_at"?: string;
          "details"?: NonNullable<Json>;
          "id"?: string;
          "ip_address"?: unknown;
          "kind"?: Database["public"]["Enums"]["consent_kind"];
          "user_id"?: string;
          "version"?: string;
          "withdrawn_at"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "consents_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "conversation_keys": {
        Row: {
          "conversation_id": string;
          "created_at": string;
          "device_id": string;
          "id": string;
          "user_id": string;
          "version": number;
          "wrapped_by": string;
          "wrapped_by_device": string;
          "wrapped_key": string;
        };
        ComputedFields: never;
        Insert: {
          "conversation_id": string;
          "created_at"?: string;
          "device_id": string;
          "id"?: string;
          "user_id": string;
          "version": number;
          "wrapped_by": string;
          "wrapped_by_device": string;
          "wrapped_key": string;
        };
        Update: {
          "conversation_id"?: string;
          "created_at"?: string;
          "device_id"?: string;
          "id"?: string;
          "user_id"?: string;
          "version"?: number;
          "wrapped_by"?: string;
          "wrapped_by_device"?: string;
          "wrapped_key"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "conversation_keys_conversation_id_fkey";
            columns: ["conversation_id"];
            isOneToOne: false;
            referencedRelation: "conversations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "conversation_keys_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "conversation_keys_wrapped_by_fkey";
            columns: ["wrapped_by"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "wrapped_for_a_known_device";
            columns: ["user_id", "device_id"];
            isOneToOne: false;
            referencedRelation: "user_keys";
            referencedColumns: ["user_id", "device_id"];
          },
        ];
      };
      "conversations": {
        Row: {
          "created_at": string;
          "first_id": string;
          "id": string;
          "key_version": number;
          "rotation_due": boolean;
          "second_id": string;
          "session_id": string | null;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "first_id": string;
          "id"?: string;
          "key_version"?: number;
          "rotation_due"?: boolean;
          "second_id": string;
          "session_id"?: string | null;
          "updated_at"?: string;
        };
        Update: {
          "created_at"?: string;
          "first_id"?: string;
          "id"?: string;
          "key_version"?: number;
          "rotation_due"?: boolean;
          "second_id"?: string;
          "session_id"?: string | null;
          "updated_at"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "conversations_first_id_fkey";
            columns: ["first_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "conversations_second_id_fkey";
            columns: ["second_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "conversations_session_id_fkey";
            columns: ["session_id"];
            isOneToOne: true;
            referencedRelation: "sessions";
            referencedColumns: ["id"];
          },
        ];
      };
      "data_exports": {
        Row: {
          "completed_at": string | null;
          "content": Json | null;
          "created_at": string;
          "id": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "completed_at"?: string | null;
          "content"?: Json | null;
          "created_at"?: string;
          "id"?: string;
          "user_id": string;
        };
        Update: {
          "completed_at"?: string | null;
          "content"?: Json | null;
          "created_at"?: string;
          "id"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "data_exports_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "favorites": {
        Row: {
          "client_id": string;
          "created_at": string;
          "id": string;
          "reader_id": string;
        };
        ComputedFields: never;
        Insert: {
          "client_id": string;
          "created_at"?: string;
          "id"?: string;
          "reader_id": string;
        };
        Update: {
          "client_id"?: string;
          "created_at"?: string;
          "id"?: string;
          "reader_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "favorites_client_id_fkey";
            columns: ["client_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "favorites_reader_id_fkey";
            columns: ["reader_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "forum_categories": {
        Row: {
          "created_at": string;
          "description": string | null;
          "icon": string | null;
          "id": string;
          "name": string;
          "sort_order": number;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "description"?: string | null;
          "icon"?: string | null;
          "id"?: string;
          "name": string;
          "sort_order"?: number;
          "updated_at"?: string;
        };
        Update: {
          "created_at"?: string;
          "description"?: string | null;
          "icon"?: string | null;
          "id"?: string;
          "name"?: string;
          "sort_order"?: number;
          "updated_at"?: string;
        };
        Relationships: [];
      };
      "forum_posts": {
        Row: {
          "author_id": string;
          "category_id": string;
          "content": string;
          "created_at": string;
          "id": string;
          "is_locked": boolean;
          "is_pinned": boolean;
          "search": unknown;
          "status": Database["public"]["Enums"]["post_status"];
          "title": string;
          "updated_at": string;
          "view_count": number;
        };
        ComputedFields: never;
        Insert: {
          "author_id": string;
          "category_id": string;
          "content": string;
          "created_at"?: string;
          "id"?: string;
          "is_locked"?: boolean;
          "is_pinned"?: boolean;
          "search"?: never;
          "status"?: Database["public"]["Enums"]["post_status"];
          "title": string;
          "updated_at"?: string;
          "view_count"?: number;
        };
        Update: {
          "author_id"?: string;
          "category_id"?: string;
          "content"?: string;
          "created_at"?: string;
          "id"?: string;
          "is_locked"?: boolean;
          "is_pinned"?: boolean;
          "search"?: never;
          "status"?: Database["public"]["Enums"]["post_status"];
          "title"?: string;
          "updated_at"?: string;
          "view_count"?: number;
        };
        Relationships: [
          {
            foreignKeyName: "forum_posts_author_id_fkey";
            columns: ["author_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "forum_posts_category_id_fkey";
            columns: ["category_id"];
            isOneToOne: false;
            referencedRelation: "forum_categories";
            referencedColumns: ["id"];
          },
        ];
      };
      "forum_replies": {
        Row: {
          "author_id": string;
          "content": string;
          "created_at": string;
          "id": string;
          "post_id": string;
          "status": Database["public"]["Enums"]["post_status"];
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "author_id": string;
          "content": string;
          "created_at"?: string;
          "id"?: string;
          "post_id": string;
          "status"?: Database["public"]["Enums"]["post_status"];
          "updated_at"?: string;
        };
        Update: {
          "author_id"?: string;
          "content"?: string;
          "created_at"?: string;
          "id"?: string;
          "post_id"?: string;
          "status"?: Database["public"]["Enums"]["post_status"];
          "updated_at"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "forum_replies_author_id_fkey";
            columns: ["author_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "forum_replies_post_id_fkey";
            columns: ["post_id"];
            isOneToOne: false;
            referencedRelation: "forum_posts";
            referencedColumns: ["id"];
          },
        ];
      };
      "gift_purchases": {
        Row: {
          "created_at": string;
          "currency": string;
          "gift_id": string;
          "id": string;
          "quantity": number;
          "sent": number;
          "transaction_id": string;
          "unit_price": number;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "currency"?: string;
          "gift_id": string;
          "id"?: string;
          "quantity": number;
          "sent"?: number;
          "transaction_id": string;
          "unit_price": number;
          "user_id": string;
        };
        Update: {
          "created_at"?: string;
          "currency"?: string;
          "gift_id"?: string;
          "id"?: string;
          "quantity"?: number;
          "sent"?: number;
          "transaction_id"?: string;
          "unit_price"?: number;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "gift_purchases_gift_id_fkey";
            columns: ["gift_id"];
            isOneToOne: false;
            referencedRelation: "virtual_gifts";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "gift_purchases_transaction_id_fkey";
            columns: ["transaction_id"];
            isOneToOne: false;
            referencedRelation: "transactions";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "gift_purchases_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "gifts": {
        Row: {
          "created_at": string;
          "gift_id": string;
          "id": string;
          "message": string | null;
          "purchase_id": string;
          "receiver_id": string;
          "sender_id": string;
          "session_id": string | null;
          "stream_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "gift_id": string;
          "id"?: string;
          "message"?: string | null;
          "purchase_id": string;
          "receiver_id": string;
          "sender_id": string;
          "session_id"?: string | null;
          "stream_id"?: string | null;
        };
        Update: {
          "created_at"?: string;
          "gift_id"?: string;
          "id"?: string;
          "message"?: string | null;
          "purchase_id"?: string;
          "receiver_id"?: string;
          "sender_id"?: string;
          "session_id"?: string | null;
          "stream_id"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "gifts_gift_id_fkey";
            columns: ["gift_id"];
            isOneToOne: false;
            referencedRelation: "virtual_gifts";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "gifts_purchase_id_fkey";
            columns: ["purchase_id"];
            isOneToOne: false;
            referencedRelation: "gift_purchases";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "gifts_receiver_id_fkey";
            columns: ["receiver_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "gifts_sender_id_fkey";
            columns: ["sender_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "gifts_session_id_fkey";
            columns: ["session_id"];
            isOneToOne: false;
            referencedRelation: "sessions";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "gifts_stream_id_fkey";
            columns: ["stream_id"];
            isOneToOne: false;
            referencedRelation: "live_streams";
            referencedColumns: ["id"];
          },
        ];
      };
      "key_backups": {
        Row: {
          "backup": NonNullable<Json>;
          "id": string;
          "updated_at": string;
          "user_id": string;
          "version": number;
        };
        ComputedFields: never;
        Insert: {
          "backup": NonNullable<Json>;
          "id"?: string;
          "updated_at"?: string;
          "user_id": string;
          "version": number;
        };
        Update: {
          "backup"?: NonNullable<Json>;
          "id"?: string;
          "updated_at"?: string;
          "user_id"?: string;
          "version"?: number;
        };
        Relationships: [
          {
            foreignKeyName: "key_backups_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: true;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "live_streams": {
        Row: {
          "category": string;
          "created_at": string;
          "description": string | null;
          "ended_at": string | null;
          "id": string;
          "max_viewers": number | null;
          "reader_id": string;
          "recording_url": string | null;
          "scheduled_at": string | null;
          "started_at": string | null;
          "status": Database["public"]["Enums"]["stream_status"];
          "stream_id": string;
          "title": string;
          "updated_at": string;
          "viewer_count": number;
        };
        ComputedFields: never;
        Insert: {
          "category": string;
          "created_at"?: string;
          "description"?: string | null;
          "ended_at"?: string | null;
          "id"?: string;
          "max_viewers"?: number | null;
          "reader_id": string;
          "recording_url"?: string | null;
          "scheduled_at"?: string | null;
          "started_at"?: string | null;
          "status"?: Database["public"]["Enums"]["stream_status"];
          "stream_id"?: never;
          "title": string;
          "updated_at"?: string;
          "viewer_count"?: number;
        };
        Update: {
          "category"?: string;
          "created_at"?: string;
          "description"?: string | null;
          "ended_at"?: string | null;
          "id"?: string;
          "max_viewers"?: number | null;
          "reader_id"?: string;
          "recording_url"?: string | null;
          "scheduled_at"?: string | null;
          "started_at"?: string | null;
          "status"?: Database["public"]["Enums"]["stream_status"];
          "stream_id"?: never;
          "title"?: string;
          "updated_at"?: string;
          "viewer_count"?: number;
        };
        Relationships: [
          {
            foreignKeyName: "live_streams_reader_id_fkey";
            columns: ["reader_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "messages": {
        Row: {
          "content": NonNullable<Json>;
          "conversation_id": string;
          "created_at": string;
          "id": string;
          "is_read": boolean;
          "message_type": Database["public"]["Enums"]["message_type"];
          "read_at": string | null;
          "receiver_id": string;
          "sender_id": string;
        };
        ComputedFields: never;
        Insert: {
          "content": NonNullable<Json>;
          "conversation_id": string;
          "created_at"?: string;
          "id"?: string;
          "is_read"?: never;
          "message_type"?: Database["public"]["Enums"]["message_type"];
          "read_at"?: string | null;
          "receiver_id": string;
          "sender_id": string;
        };
        Update: {
          "content"?: NonNullable<Json>;
          "conversation_id"?: string;
          "created_at"?: string;
          "id"?: string;
          "is_read"?: never;
          "message_type"?: Database["public"]["Enums"]["message_type"];
          "read_at"?: string | null;
          "receiver_id"?: string;
          "sender_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "messages_conversation_id_fkey";
            columns: ["conversation_id"];
            isOneToOne: false;
            referencedRelation: "conversations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "messages_receiver_id_fkey";
            columns: ["receiver_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "messages_sender_id_fkey";
            columns: ["sender_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "money_approvals": {
        Row: {
          "amount": number;
          "approved_by": string | null;
          "created_at": string;
          "currency": string;
          "decided_at": string | null;
          "expires_at": string;
          "id": string;
          "kind": Database["public"]["Enums"]["money_approval_kind"];
          "needs_second": boolean;
          "reason": string;
          "refunded_id": string | null;
          "rejected_by": string | null;
          "requested_by": string;
          "session_id": string | null;
          "status": Database["public"]["Enums"]["money_approval_status"];
          "transaction_id": string | null;
          "updated_at": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "amount": number;
          "approved_by"?: string | null;
          "created_at"?: string;
          "currency"?: string;
          "decided_at"?: string | null;
          "expires_at": string;
          "id"?: string;
          "kind": Database["public"]["Enums"]["money_approval_kind"];
          "needs_second": boolean;
          "reason": string;
          "refunded_id"?: string | null;
          "rejected_by"?: string | null;
          "requested_by": string;
          "session_id"?: string | null;
          "status"?: Database["public"]["Enums"]["money_approval_status"];
          "transaction_id"?: string | null;
          "updated_at"?: string;
          "user_id": string;
        };
        Update: {
          "amount"?: number;
          "approved_by"?: string | null;
          "created_at"?: string;
          "currency"?: string;
          "decided_at"?: string | null;
          "expires_at"?: string;
          "id"?: string;
          "kind"?: Database["public"]["Enums"]["money_approval_kind"];
          "needs_second"?: boolean;
          "reason"?: string;
          "refunded_id"?: string | null;
          "rejected_by"?: string | null;
          "requested_by"?: string;
          "session_id"?: string | null;
          "status"?: Database["public"]["Enums"]["money_approval_status"];
          "transaction_id"?: string | null;
          "updated_at"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "money_approvals_approved_by_fkey";
            columns: ["approved_by"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "money_approvals_refunded_id_fkey";
            columns: ["refunded_id"];
            isOneToOne: false;
            referencedRelation: "transactions";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "money_approvals_rejected_by_fkey";
            columns: ["rejected_by"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "money_approvals_requested_by_fkey";
            columns: ["requested_by"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "money_approvals_session_id_fkey";
            columns: ["session_id"];
            isOneToOne: false;
            referencedRelation: "sessions";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "money_approvals_transaction_id_fkey";
            columns: ["transaction_id"];
            isOneToOne: true;
            referencedRelation: "transactions";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "money_approvals_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "notification_preferences": {
        Row: {
          "by_email": boolean;
          "created_at": string;
          "muted": (string)[];
          "unsubscribe_token": string;
          "updated_at": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "by_email"?: boolean;
          "created_at"?: string;
          "muted"?: (string)[];
          "unsubscribe_token"?: string;
          "updated_at"?: string;
          "user_id": string;
        };
        Update: {
          "by_email"?: boolean;
          "created_at"?: string;
          "muted"?: (string)[];
          "unsubscribe_token"?: string;
          "updated_at"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "notification_preferences_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: true;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "notifications": {
        Row: {
          "created_at": string;
          "id": string;
          "kind": string;
          "payload": NonNullable<Json>;
          "read_at": string | null;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "id"?: string;
          "kind": string;
          "payload"?: NonNullable<Json>;
          "read_at"?: string | null;
          "user_id": string;
        };
        Update: {
          "created_at"?: string;
          "id"?: string;
          "kind"?: string;
          "payload"?: NonNullable<Json>;
          "read_at"?: string | null;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "notifications_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "order_items": {
        Row: {
          "created_at": string;
          "files": (string)[];
          "id": string;
          "order_id": string;
          "price": number;
          "product_id": string;
          "quantity": number;
          "reader_id": string | null;
          "share_bps": number;
          "shipped_at": string | null;
          "tracking_number": string | null;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "files"?: (string)[];
          "id"?: string;
          "order_id": string;
          "price": number;
          "product_id": string;
          "quantity"?: number;
          "reader_id"?: string | null;
          "share_bps"?: number;
          "shipped_at"?: string | null;
          "tracking_number"?: string | null;
        };
        Update: {
          "created_at"?: string;
          "files"?: (string)[];
          "id"?: string;
          "order_id"?: string;
          "price"?: number;
          "product_id"?: string;
          "quantity"?: number;
          "reader_id"?: string | null;
          "share_bps"?: number;
          "shipped_at"?: string | null;
          "tracking_number"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "order_items_order_id_fkey";
            columns: ["order_id"];
            isOneToOne: false;
            referencedRelation: "orders";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "order_items_product_id_fkey";
            columns: ["product_id"];
            isOneToOne: false;
            referencedRelation: "products";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "order_items_reader_id_fkey";
            columns: ["reader_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "orders": {
        Row: {
          "client_id": string;
          "created_at": string;
          "currency": string;
          "id": string;
          "order_id": string;
          "shipping_address": Json | null;
          "status": Database["public"]["Enums"]["order_status"];
          "stripe_payment_intent_id": string | null;
          "total_amount": number;
          "tracking_number": string | null;
          "transaction_id": string | null;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "client_id": string;
          "created_at"?: string;
          "currency"?: string;
          "id"?: string;
          "order_id"?: never;
          "shipping_address"?: Json | null;
          "status"?: Database["public"]["Enums"]["order_status"];
          "stripe_payment_intent_id"?: string | null;
          "total_amount": number;
          "tracking_number"?: string | null;
          "transaction_id"?: string | null;
          "updated_at"?: string;
        };
        Update: {
          "client_id"?: string;
          "created_at"?: string;
          "currency"?: string;
          "id"?: string;
          "order_id"?: never;
          "shipping_address"?: Json | null;
          "status"?: Database["public"]["Enums"]["order_status"];
          "stripe_payment_intent_id"?: string | null;
          "total_amount"?: number;
          "tracking_number"?: string | null;
          "transaction_id"?: string | null;
          "updated_at"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "orders_client_id_fkey";
            columns: ["client_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "orders_transaction_id_fkey";
            columns: ["transaction_id"];
            isOneToOne: false;
            referencedRelation: "transactions";
            referencedColumns: ["id"];
          },
        ];
      };
      "paid_messages": {
        Row: {
          "client_id": string;
          "conversation_id": string;
          "expires_at": string;
          "id": string;
          "message_id": string;
          "price": number;
          "reader_id": string;
          "resolved_at": string | null;
          "share_bps": number;
          "status": Database["public"]["Enums"]["paid_message_status"];
          "transaction_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "client_id": string;
          "conversation_id": string;
          "expires_at": string;
          "id"?: string;
          "message_id": string;
          "price": number;
          "reader_id": string;
          "resolved_at"?: string | null;
          "share_bps": number;
          "status"?: Database["public"]["Enums"]["paid_message_status"];
          "transaction_id"?: string | null;
        };
        Update: {
          "client_id"?: string;
          "conversation_id"?: string;
          "expires_at"?: string;
          "id"?: string;
          "message_id"?: string;
          "price"?: number;
          "reader_id"?: string;
          "resolved_at"?: string | null;
          "share_bps"?: number;
          "status"?: Database["public"]["Enums"]["paid_message_status"];
          "transaction_id"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "paid_messages_client_id_fkey";
            columns: ["client_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "paid_messages_conversation_id_fkey";
            columns: ["conversation_id"];
            isOneToOne: false;
            referencedRelation: "conversations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "paid_messages_message_id_fkey";
            columns: ["message_id"];
            isOneToOne: true;
            referencedRelation: "messages";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "paid_messages_reader_id_fkey";
            columns: ["reader_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "paid_messages_transaction_id_fkey";
            columns: ["transaction_id"];
            isOneToOne: true;
            referencedRelation: "transactions";
            referencedColumns: ["id"];
          },
        ];
      };
      "payout_attempts": {
        Row: {
          "amount": number;
          "bank_try": number;
          "created_at": string;
          "currency": string;
          "destination": string;
          "error_code": string | null;
          "error_message": string | null;
          "failed_payouts": (string)[];
          "first_tried_at": string | null;
          "id": string;
          "method": string;
          "number": number;
          "payout_id": string;
          "status": Database["public"]["Enums"]["payout_attempt_status"];
          "stripe_payout_id": string | null;
          "transfer_id": string | null;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "amount": number;
          "bank_try"?: number;
          "created_at"?: string;
          "currency": string;
          "destination": string;
          "error_code"?: string | null;
          "error_message"?: string | null;
          "failed_payouts"?: (string)[];
          "first_tried_at"?: string | null;
          "id"?: string;
          "method"?: string;
          "number": number;
          "payout_id": string;
          "status"?: Database["public"]["Enums"]["payout_attempt_status"];
          "stripe_payout_id"?: string | null;
          "transfer_id"?: string | null;
          "updated_at"?: string;
        };
        Update: {
          "amount"?: number;
          "bank_try"?: number;
          "created_at"?: string;
          "currency"?: string;
          "destination"?: string;
          "error_code"?: string | null;
          "error_message"?: string | null;
          "failed_payouts"?: (string)[];
          "first_tried_at"?: string | null;
          "id"?: string;
          "method"?: string;
          "number"?: number;
          "payout_id"?: string;
          "status"?: Database["public"]["Enums"]["payout_attempt_status"];
          "stripe_payout_id"?: string | null;
          "transfer_id"?: string | null;
          "updated_at"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "payout_attempts_payout_id_fkey";
            columns: ["payout_id"];
            isOneToOne: false;
            referencedRelation: "payouts";
            referencedColumns: ["id"];
          },
        ];
      };
      "payouts": {
        Row: {
          "amount": number;
          "created_at": string;
          "currency": string;
          "failure_code": string | null;
          "id": string;
          "processed_at": string | null;
          "reader_id": string;
          "returned": number;
          "status": Database["public"]["Enums"]["payout_status"];
          "stripe_payout_id": string | null;
          "stripe_transfer_id": string | null;
          "transaction_id": string;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "amount": number;
          "created_at"?: string;
          "currency"?: string;
          "failure_code"?: string | null;
          "id"?: string;
          "processed_at"?: string | null;
          "reader_id": string;
          "returned"?: number;
          "status"?: Database["public"]["Enums"]["payout_status"];
          "stripe_payout_id"?: string | null;
          "stripe_transfer_id"?: string | null;
          "transaction_id": string;
          "updated_at"?: string;
        };
        Update: {
          "amount"?: number;
          "created_at"?: string;
          "currency"?: string;
          "failure_code"?: string | null;
          "id"?: string;
          "processed_at"?: string | null;
          "reader_id"?: string;
          "returned"?: number;
          "status"?: Database["public"]["Enums"]["payout_status"];
          "stripe_payout_id"?: string | null;
          "stripe_transfer_id"?: string | null;
          "transaction_id"?: string;
          "updated_at"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "payouts_reader_id_fkey";
            columns: ["reader_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "payouts_transaction_id_fkey";
            columns: ["transaction_id"];
            isOneToOne: false;
            referencedRelation: "transactions";
            referencedColumns: ["id"];
          },
        ];
      };
      "products": {
        Row: {
          "category": string;
          "created_at": string;
          "currency": string;
          "description": string;
          "dimensions": Json | null;
          "download_url": string | null;
          "featured": boolean;
          "file_url": string | null;
          "id": string;
          "images": (string)[];
          "name": string;
          "price": number;
          "reader_id": string | null;
          "search": unknown;
          "sku": string | null;
          "status": Database["public"]["Enums"]["product_status"];
          "stock_quantity": number | null;
          "stripe_product_id": string | null;
          "type": Database["public"]["Enums"]["product_type"];
          "updated_at": string;
          "weight": number | null;
        };
        ComputedFields: never;
        Insert: {
          "category": string;
          "created_at"?: string;
          "currency"?: string;
          "description": string;
          "dimensions"?: Json | null;
          "download_url"?: string | null;
          "featured"?: boolean;
          "file_url"?: string | null;
          "id"?: string;
          "images"?: (string)[];
          "name": string;
          "price": number;
          "reader_id"?: string | null;
          "search"?: never;
          "sku"?: string | null;
          "status"?: Database["public"]["Enums"]["product_status"];
          "stock_quantity"?: number | null;
          "stripe_product_id"?: string | null;
          "type": Database["public"]["Enums"]["product_type"];
          "updated_at"?: string;
          "weight"?: number | null;
        };
        Update: {
          "category"?: string;
          "created_at"?: string;
          "currency"?: string;
          "description"?: string;
          "dimensions"?: Json | null;
          "download_url"?: string | null;
          "featured"?: boolean;
          "file_url"?: string | null;
          "id"?: string;
          "images"?: (string)[];
          "name"?: string;
          "price"?: number;
          "reader_id"?: string | null;
          "search"?: never;
          "sku"?: string | null;
          "status"?: Database["public"]["Enums"]["product_status"];
          "stock_quantity"?: number | null;
          "stripe_product_id"?: string | null;
          "type"?: Database["public"]["Enums"]["product_type"];
          "updated_at"?: string;
          "weight"?: number | null;
        };
        Relationships: [
          {
            foreignKeyName: "products_reader_id_fkey";
            columns: ["reader_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "promo_codes": {
        Row: {
          "amount": number | null;
          "code": string;
          "created_at": string;
          "created_by": string | null;
          "currency": string;
          "ended_at": string | null;
          "id": string;
          "kind": Database["public"]["Enums"]["promo_kind"];
          "max_redemptions": number | null;
          "minutes": number | null;
          "redemptions": number;
          "valid_from": string;
          "valid_to": string | null;
        };
        ComputedFields: never;
        Insert: {
          "amount"?: number | null;
          "code": string;
          "created_at"?: string;
          "created_by"?: string | null;
          "currency"?: string;
          "ended_at"?: string | null;
          "id"?: string;
          "kind": Database["public"]["Enums"]["promo_kind"];
          "max_redemptions"?: number | null;
          "minutes"?: number | null;
          "redemptions"?: number;
          "valid_from"?: string;
          "valid_to"?: string | null;
        };
        Update: {
          "amount"?: number | null;
          "code"?: string;
          "created_at"?: string;
          "created_by"?: string | null;
          "currency"?: string;
          "ended_at"?: string | null;
          "id"?: string;
          "kind"?: Database["public"]["Enums"]["promo_kind"];
          "max_redemptions"?: number | null;
          "minutes"?: number | null;
          "redemptions"?: number;
          "valid_from"?: string;
          "valid_to"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "promo_codes_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "promo_redemptions": {
        Row: {
          "card_fingerprint": string | null;
          "created_at": string;
          "id": string;
          "increments": number | null;
          "promo_code_id": string;
          "session_id": string | null;
          "transaction_id": string | null;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "card_fingerprint"?: string | null;
          "created_at"?: string;
          "id"?: string;
          "increments"?: number | null;
          "promo_code_id": string;
          "session_id"?: string | null;
          "transaction_id"?: string | null;
          "user_id": string;
        };
        Update: {
          "card_fingerprint"?: string | null;
          "created_at"?: string;
          "id"?: string;
          "increments"?: number | null;
          "promo_code_id"?: string;
          "session_id"?: string | null;
          "transaction_id"?: string | null;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "promo_redemptions_promo_code_id_fkey";
            columns: ["promo_code_id"];
            isOneToOne: false;
            referencedRelation: "promo_codes";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "promo_redemptions_session_id_fkey";
            columns: ["session_id"];
            isOneToOne: true;
            referencedRelation: "sessions";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "promo_redemptions_transaction_id_fkey";
            columns: ["transaction_id"];
            isOneToOne: false;
            referencedRelation: "transactions";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "promo_redemptions_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "reader_accounts": {
        Row: {
          "created_at": string;
          "details_submitted": boolean;
          "disabled_reason": string | null;
          "id": string;
          "payouts_enabled": boolean;
          "requirements_due": (string)[];
          "status": Database["public"]["Enums"]["reader_status"];
          "stripe_account_id": string | null;
          "total_earnings": number;
          "updated_at": string;
          "user_id": string;
          "verification_docs": (string)[];
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "details_submitted"?: boolean;
          "disabled_reason"?: string | null;
          "id"?: string;
          "payouts_enabled"?: boolean;
          "requirements_due"?: (string)[];
          "status"?: Database["public"]["Enums"]["reader_status"];
          "stripe_account_id"?: string | null;
          "total_earnings"?: number;
          "updated_at"?: string;
          "user_id": string;
          "verification_docs"?: (string)[];
        };
        Update: {
          "created_at"?: string;
          "details_submitted"?: boolean;
          "disabled_reason"?: string | null;
          "id"?: string;
          "payouts_enabled"?: boolean;
          "requirements_due"?: (string)[];
          "status"?: Database["public"]["Enums"]["reader_status"];
          "stripe_account_id"?: string | null;
          "total_earnings"?: number;
          "updated_at"?: string;
          "user_id"?: string;
          "verification_docs"?: (string)[];
        };
        Relationships: [
          {
            foreignKeyName: "reader_accounts_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: true;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "reader_applications": {
        Row: {
          "bio": string;
          "created_at": string;
          "first_name": string;
          "id": string;
          "last_name": string;
          "pricing": NonNullable<Json>;
          "reason": string | null;
          "reviewed_at": string | null;
          "reviewed_by": string | null;
          "session_types": (Database["public"]["Enums"]["session_type"])[];
          "specialties": (string)[];
          "status": Database["public"]["Enums"]["application_status"];
          "timezone": string;
          "updated_at": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "bio": string;
          "created_at"?: string;
          "first_name": string;
          "id"?: string;
          "last_name": string;
          "pricing": NonNullable<Json>;
          "reason"?: string | null;
          "reviewed_at"?: string | null;
          "reviewed_by"?: string | null;
          "session_types": (Database["public"]["Enums"]["session_type"])[];
          "specialties"?: (string)[];
          "status"?: Database["public"]["Enums"]["application_status"];
          "timezone": string;
          "updated_at"?: string;
          "user_id": string;
        };
        Update: {
          "bio"?: string;
          "created_at"?: string;
          "first_name"?: string;
          "id"?: string;
          "last_name"?: string;
          "pricing"?: NonNullable<Json>;
          "reason"?: string | null;
          "reviewed_at"?: string | null;
          "reviewed_by"?: string | null;
          "session_types"?: (Database["public"]["Enums"]["session_type"])[];
          "specialties"?: (string)[];
          "status"?: Database["public"]["Enums"]["application_status"];
          "timezone"?: string;
          "updated_at"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "reader_applications_reviewed_by_fkey";
            columns: ["reviewed_by"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "reader_applications_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "readers": {
        Row: {
          "avatar": string | null;
          "average_rating": number;
          "bio": string;
          "card": NonNullable<Json>;
          "certifications": (string)[];
          "created_at": string;
          "experience": number;
          "first_name": string;
          "headline": string | null;
          "id": string;
          "is_verified": boolean;
          "languages": (string)[];
          "last_name": string;
          "lowest_price": number | null;
          "pricing": NonNullable<Json>;
          "reply_price": number | null;
          "search": unknown;
          "session_types": (Database["public"]["Enums"]["session_type"])[];
          "specialties": (string)[];
          "status": Database["public"]["Enums"]["reader_status"];
          "timezone": string;
          "total_sessions": number;
          "updated_at": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "avatar"?: string | null;
          "average_rating"?: number;
          "bio": string;
          "card"?: never;
          "certifications"?: (string)[];
          "created_at"?: string;
          "experience"?: number;
          "first_name": string;
          "headline"?: string | null;
          "id"?: string;
          "is_verified"?: boolean;
          "languages"?: (string)[];
          "last_name": string;
          "lowest_price"?: never;
          "pricing"?: NonNullable<Json>;
          "reply_price"?: number | null;
          "search"?: never;
          "session_types"?: (Database["public"]["Enums"]["session_type"])[];
          "specialties"?: (string)[];
          "status"?: Database["public"]["Enums"]["reader_status"];
          "timezone"?: string;
          "total_sessions"?: number;
          "updated_at"?: string;
          "user_id": string;
        };
        Update: {
          "avatar"?: string | null;
          "average_rating"?: number;
          "bio"?: string;
          "card"?: never;
          "certifications"?: (string)[];
          "created_at"?: string;
          "experience"?: number;
          "first_name"?: string;
          "headline"?: string | null;
          "id"?: string;
          "is_verified"?: boolean;
          "languages"?: (string)[];
          "last_name"?: string;
          "lowest_price"?: never;
          "pricing"?: NonNullable<Json>;
          "reply_price"?: number | null;
          "search"?: never;
          "session_types"?: (Database["public"]["Enums"]["session_type"])[];
          "specialties"?: (string)[];
          "status"?: Database["public"]["Enums"]["reader_status"];
          "timezone"?: string;
          "total_sessions"?: number;
          "updated_at"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "readers_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: true;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "recording_consents": {
        Row: {
          "consented_at": string;
          "id": string;
          "session_id": string;
          "user_id": string;
          "withdrawn_at": string | null;
        };
        ComputedFields: never;
        Insert: {
          "consented_at"?: string;
          "id"?: string;
          "session_id": string;
          "user_id": string;
          "withdrawn_at"?: string | null;
        };
        Update: {
          "consented_at"?: string;
          "id"?: string;
          "session_id"?: string;
          "user_id"?: string;
          "withdrawn_at"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "recording_consents_session_id_fkey";
            columns: ["session_id"];
            isOneToOne: false;
            referencedRelation: "sessions";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "recording_consents_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "reports": {
        Row: {
          "created_at": string;
          "entity_id": string;
          "entity_type": string;
          "evidence": Json | null;
          "id": string;
          "reason": string;
          "reported_id": string;
          "reporter_id": string;
          "resolution": string | null;
          "resolved_at": string | null;
          "resolved_by": string | null;
          "status": Database["public"]["Enums"]["report_status"];
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "entity_id": string;
          "entity_type": string;
          "evidence"?: Json | null;
          "id"?: string;
          "reason": string;
          "reported_id": string;
          "reporter_id": string;
          "resolution"?: string | null;
          "resolved_at"?: string | null;
          "resolved_by"?: string | null;
          "status"?: Database["public"]["Enums"]["report_status"];
          "updated_at"?: string;
        };
        Update: {
          "created_at"?: string;
          "entity_id"?: string;
          "entity_type"?: string;
          "evidence"?: Json | null;
          "id"?: string;
          "reason"?: string;
          "reported_id"?: string;
          "reporter_id"?: string;
          "resolution"?: string | null;
          "resolved_at"?: string | null;
          "resolved_by"?: string | null;
          "status"?: Database["public"]["Enums"]["report_status"];
          "updated_at"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "reports_reported_id_fkey";
            columns: ["reported_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "reports_reporter_id_fkey";
            columns: ["reporter_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "reports_resolved_by_fkey";
            columns: ["resolved_by"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "reviews": {
        Row: {
          "client_id": string;
          "comment": string | null;
          "created_at": string;
          "id": string;
          "is_hidden": boolean;
          "rating": number;
          "reader_id": string;
          "responded_at": string | null;
          "response": string | null;
          "session_id": string;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "client_id": string;
          "comment"?: string | null;
          "created_at"?: string;
          "id"?: string;
          "is_hidden"?: boolean;
          "rating": number;
          "reader_id": string;
          "responded_at"?: string | null;
          "response"?: string | null;
          "session_id": string;
          "updated_at"?: string;
        };
        Update: {
          "client_id"?: string;
          "comment"?: string | null;
          "created_at"?: string;
          "id"?: string;
          "is_hidden"?: boolean;
          "rating"?: number;
          "reader_id"?: string;
          "responded_at"?: string | null;
          "response"?: string | null;
          "session_id"?: string;
          "updated_at"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "reviews_client_id_fkey";
            columns: ["client_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "reviews_reader_id_fkey";
            columns: ["reader_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "reviews_session_id_fkey";
            columns: ["session_id"];
            isOneToOne: true;
            referencedRelation: "sessions";
            referencedColumns: ["id"];
          },
        ];
      };
      "sessions": {
        Row: {
          "accepted_at": string | null;
          "billed_minutes": number;
          "billed_seconds": number;
          "client_id": string;
          "client_joined_at": string | null;
          "created_at": string;
          "duration": number | null;
          "end_reason": Database["public"]["Enums"]["end_reason"] | null;
          "ended_at": string | null;
          "expires_at": string | null;
          "id": string;
          "max_minutes": number;
          "pause_reason": Database["public"]["Enums"]["pause_reason"] | null;
          "paused_at": string | null;
          "reader_id": string;
          "reader_joined_at": string | null;
          "reader_rate": number;
          "recording_url": string | null;
          "scheduled_at": string | null;
          "session_id": string;
          "share_bps": number;
          "started_at": string | null;
          "status": Database["public"]["Enums"]["session_status"];
          "terms": NonNullable<Json>;
          "total_cost": number | null;
          "transaction_id": string | null;
          "type": Database["public"]["Enums"]["session_type"];
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "accepted_at"?: string | null;
          "billed_minutes"?: never;
          "billed_seconds"?: number;
          "client_id": string;
          "client_joined_at"?: string | null;
          "created_at"?: string;
          "duration"?: number | null;
          "end_reason"?: Database["public"]["Enums"]["end_reason"] | null;
          "ended_at"?: string | null;
          "expires_at"?: string | null;
          "id"?: string;
          "max_minutes": number;
          "pause_reason"?: Database["public"]["Enums"]["pause_reason"] | null;
          "paused_at"?: string | null;
          "reader_id": string;
          "reader_joined_at"?: string | null;
          "reader_rate": number;
          "recording_url"?: string | null;
          "scheduled_at"?: string | null;
          "session_id"?: never;
          "share_bps": number;
          "started_at"?: string | null;
          "status"?: Database["public"]["Enums"]["session_status"];
          "terms": NonNullable<Json>;
          "total_cost"?: number | null;
          "transaction_id"?: string | null;
          "type": Database["public"]["Enums"]["session_type"];
          "updated_at"?: string;
        };
        Update: {
          "accepted_at"?: string | null;
          "billed_minutes"?: never;
          "billed_seconds"?: number;
          "client_id"?: string;
          "client_joined_at"?: string | null;
          "created_at"?: string;
          "duration"?: number | null;
          "end_reason"?: Database["public"]["Enums"]["end_reason"] | null;
          "ended_at"?: string | null;
          "expires_at"?: string | null;
          "id"?: string;
          "max_minutes"?: number;
          "pause_reason"?: Database["public"]["Enums"]["pause_reason"] | null;
          "paused_at"?: string | null;
          "reader_id"?: string;
          "reader_joined_at"?: string | null;
          "reader_rate"?: number;
          "recording_url"?: string | null;
          "scheduled_at"?: string | null;
          "session_id"?: never;
          "share_bps"?: number;
          "started_at"?: string | null;
          "status"?: Database["public"]["Enums"]["session_status"];
          "terms"?: NonNullable<Json>;
          "total_cost"?: number | null;
          "transaction_id"?: string | null;
          "type"?: Database["public"]["Enums"]["session_type"];
          "updated_at"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "sessions_client_id_fkey";
            columns: ["client_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "sessions_reader_id_fkey";
            columns: ["reader_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "sessions_transaction_id_fkey";
            columns: ["transaction_id"];
            isOneToOne: false;
            referencedRelation: "transactions";
            referencedColumns: ["id"];
          },
        ];
      };
      "system_settings": {
        Row: {
          "created_at": string;
          "description": string;
          "id": string;
          "is_public": boolean;
          "key": string;
          "maximum": number | null;
          "minimum": number | null;
          "updated_at": string;
          "value": string;
          "value_type": Database["public"]["Enums"]["setting_type"];
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "description": string;
          "id"?: string;
          "is_public"?: boolean;
          "key": string;
          "maximum"?: number | null;
          "minimum"?: number | null;
          "updated_at"?: string;
          "value": string;
          "value_type": Database["public"]["Enums"]["setting_type"];
        };
        Update: {
          "created_at"?: string;
          "description"?: string;
          "id"?: string;
          "is_public"?: boolean;
          "key"?: string;
          "maximum"?: number | null;
          "minimum"?: number | null;
          "updated_at"?: string;
          "value"?: string;
          "value_type"?: Database["public"]["Enums"]["setting_type"];
        };
        Relationships: [];
      };
      "transactions": {
        Row: {
          "amount": number;
          "created_at": string;
          "currency": string;
          "description": string | null;
          "fee": number | null;
          "id": string;
          "metadata": NonNullable<Json>;
          "platform_revenue": number | null;
          "reader_earnings": number | null;
          "session_id": string | null;
          "status": Database["public"]["Enums"]["transaction_status"];
          "stripe_checkout_session_id": string | null;
          "stripe_payment_intent_id": string | null;
          "stripe_transfer_id": string | null;
          "transaction_id": string;
          "type": Database["public"]["Enums"]["transaction_type"];
          "updated_at": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "amount": number;
          "created_at"?: string;
          "currency"?: string;
          "description"?: string | null;
          "fee"?: number | null;
          "id"?: string;
          "metadata"?: NonNullable<Json>;
          "platform_revenue"?: number | null;
          "reader_earnings"?: number | null;
          "session_id"?: string | null;
          "status": Database["public"]["Enums"]["transaction_status"];
          "stripe_checkout_session_id"?: string | null;
          "stripe_payment_intent_id"?: string | null;
          "stripe_transfer_id"?: string | null;
          "transaction_id"?: never;
          "type": Database["public"]["Enums"]["transaction_type"];
          "updated_at"?: string;
          "user_id": string;
        };
        Update: {
          "amount"?: number;
          "created_at"?: string;
          "currency"?: string;
          "description"?: string | null;
          "fee"?: number | null;
          "id"?: string;
          "metadata"?: NonNullable<Json>;
          "platform_revenue"?: number | null;
          "reader_earnings"?: number | null;
          "session_id"?: string | null;
          "status"?: Database["public"]["Enums"]["transaction_status"];
          "stripe_checkout_session_id"?: string | null;
          "stripe_payment_intent_id"?: string | null;
          "stripe_transfer_id"?: string | null;
          "transaction_id"?: never;
          "type"?: Database["public"]["Enums"]["transaction_type"];
          "updated_at"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "transactions_session_fkey";
            columns: ["session_id"];
            isOneToOne: false;
            referencedRelation: "sessions";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "transactions_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "user_keys": {
        Row: {
          "created_at": string;
          "device_id": string;
          "device_key": string;
          "id": string;
          "identity_key": string;
          "revoked_at": string | null;
          "signature": string;
          "signing_key": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "device_id": string;
          "device_key": string;
          "id"?: string;
          "identity_key": string;
          "revoked_at"?: string | null;
          "signature": string;
          "signing_key": string;
          "user_id": string;
        };
        Update: {
          "created_at"?: string;
          "device_id"?: string;
          "device_key"?: string;
          "id"?: string;
          "identity_key"?: string;
          "revoked_at"?: string | null;
          "signature"?: string;
          "signing_key"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "user_keys_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "users": {
        Row: {
          "created_at": string;
          "id": string;
          "role": Database["public"]["Enums"]["user_role"];
          "status": Database["public"]["Enums"]["user_status"];
          "updated_at": string;
          "username": string | null;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "id": string;
          "role"?: Database["public"]["Enums"]["user_role"];
          "status"?: Database["public"]["Enums"]["user_status"];
          "updated_at"?: string;
          "username"?: string | null;
        };
        Update: {
          "created_at"?: string;
          "id"?: string;
          "role"?: Database["public"]["Enums"]["user_role"];
          "status"?: Database["public"]["Enums"]["user_status"];
          "updated_at"?: string;
          "username"?: string | null;
        };
        Relationships: [];
      };
      "virtual_gifts": {
        Row: {
          "animation_url": string | null;
          "created_at": string;
          "currency": string;
          "description": string | null;
          "id": string;
          "image_url": string;
          "is_active": boolean;
          "name": string;
          "price": number;
        };
        ComputedFields: never;
        Insert: {
          "animation_url"?: string | null;
          "created_at"?: string;
          "currency"?: string;
          "description"?: string | null;
          "id"?: string;
          "image_url": string;
          "is_active"?: boolean;
          "name": string;
          "price": number;
        };
        Update: {
          "animation_url"?: string | null;
          "created_at"?: string;
          "currency"?: string;
          "description"?: string | null;
          "id"?: string;
          "image_url"?: string;
          "is_active"?: boolean;
          "name"?: string;
          "price"?: number;
        };
        Relationships: [];
      };
      "wait_list": {
        Row: {
          "client_id": string;
          "created_at": string;
          "expires_at": string | null;
          "id": string;
          "offered_at": string | null;
          "reader_id": string;
          "type": Database["public"]["Enums"]["session_type"];
        };
        ComputedFields: never;
        Insert: {
          "client_id": string;
          "created_at"?: string;
          "expires_at"?: string | null;
          "id"?: string;
          "offered_at"?: string | null;
          "reader_id": string;
          "type": Database["public"]["Enums"]["session_type"];
        };
        Update: {
          "client_id"?: string;
          "created_at"?: string;
          "expires_at"?: string | null;
          "id"?: string;
          "offered_at"?: string | null;
          "reader_id"?: string;
          "type"?: Database["public"]["Enums"]["session_type"];
        };
        Relationships: [
          {
            foreignKeyName: "wait_list_client_id_fkey";
            columns: ["client_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "wait_list_reader_id_fkey";
            columns: ["reader_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
    };
    Views: {
      "reader_earnings": {
        Row: {
          "balance": number | null;
          "created_at": string;
          "currency": string;
          "held": number;
          "id": string;
          "payable": number | null;
          "updated_at": string;
          "user_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "balance"?: number | null;
          "created_at"?: string | null;
          "currency"?: string | null;
          "held"?: number | null;
          "id"?: string | null;
          "payable"?: number | null;
          "updated_at"?: string | null;
          "user_id"?: string | null;
        };
        Update: {
          "balance"?: number | null;
          "created_at"?: string | null;
          "currency"?: string | null;
          "held"?: number | null;
          "id"?: string | null;
          "payable"?: number | null;
          "updated_at"?: string | null;
          "user_id"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "accounts_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "wallets": {
        Row: {
          "available": number | null;
          "balance": number | null;
          "created_at": string;
          "currency": string;
          "held": number | null;
          "id": string;
          "promo": number | null;
          "updated_at": string | null;
          "user_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "available"?: number | null;
          "balance"?: number | null;
          "created_at"?: string | null;
          "currency"?: string | null;
          "held"?: number | null;
          "id"?: string | null;
          "promo"?: number | null;
          "updated_at"?: string | null;
          "user_id"?: string | null;
        };
        Update: {
          "available"?: number | null;
          "balance"?: number | null;
          "created_at"?: string | null;
          "currency"?: string | null;
          "held"?: number | null;
          "id"?: string | null;
          "promo"?: number | null;
          "updated_at"?: string | null;
          "user_id"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "accounts_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
    };
    Functions: {
      "accept_session": {
        Args: { "p_session_id": string };
        Returns: {
          "accepted_at": string | null;
          "billed_minutes": number;
          "billed_seconds": number;
          "client_id": string;
          "client_joined_at": string | null;
          "created_at": string;
          "duration": number | null;
          "end_reason": Database["public"]["Enums"]["end_reason"] | null;
          "ended_at": string | null;
          "expires_at": string | null;
          "id": string;
          "max_minutes": number;
          "pause_reason": Database["public"]["Enums"]["pause_reason"] | null;
          "paused_at": string | null;
          "reader_id": string;
          "reader_joined_at": string | null;
          "reader_rate": number;
          "recording_url": string | null;
          "scheduled_at": string | null;
          "session_id": string;
          "share_bps": number;
          "started_at": string | null;
          "status": Database["public"]["Enums"]["session_status"];
          "terms": NonNullable<Json>;
          "total_cost": number | null;
          "transaction_id": string | null;
          "type": Database["public"]["Enums"]["session_type"];
          "updated_at": string;
        };
        SetofOptions: {
          from: "*";
          to: "sessions";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "admin_account_statement": {
        Args: {
          "p_after"?: string;
          "p_from"?: string;
          "p_kind": string;
          "p_limit"?: number;
          "p_to"?: string;
          "p_user_id": string;
        };
        Returns: {
          "amount": number;
          "balance": number;
          "created_at": string;
          "cursor": string;
          "description": string;
          "session_id": string;
          "status": Database["public"]["Enums"]["transaction_status"];
          "transaction_id": string;
          "type": Database["public"]["Enums"]["transaction_type"];
        }[];
      };
      "admin_approve": {
        Args: { "p_id": string };
        Returns: {
          "amount": number;
          "approved_by": string | null;
          "created_at": string;
          "currency": string;
          "decided_at": string | null;
          "expires_at": string;
          "id": string;
          "kind": Database["public"]["Enums"]["money_approval_kind"];
          "needs_second": boolean;
          "reason": string;
          "refunded_id": string | null;
          "rejected_by": string | null;
          "requested_by": string;
          "session_id": string | null;
          "status": Database["public"]["Enums"]["money_approval_status"];
          "transaction_id": string | null;
          "updated_at": string;
          "user_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "money_approvals";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "admin_create_promo": {
        Args: {
          "p_amount"?: number;
          "p_code": string;
          "p_idempotency_key": string;
          "p_kind": Database["public"]["Enums"]["promo_kind"];
          "p_max_redemptions"?: number;
          "p_minutes"?: number;
          "p_valid_from"?: string;
          "p_valid_to"?: string;
        };
        Returns: {
          "amount": number | null;
          "code": string;
          "created_at": string;
          "created_by": string | null;
          "currency": string;
          "ended_at": string | null;
          "id": string;
          "kind": Database["public"]["Enums"]["promo_kind"];
          "max_redemptions": number | null;
          "minutes": number | null;
          "redemptions": number;
          "valid_from": string;
          "valid_to": string | null;
        };
        SetofOptions: {
          from: "*";
          to: "promo_codes";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "admin_end_promo": {
        Args: { "p_promo_code_id": string };
        Returns: {
          "amount": number | null;
          "code": string;
          "created_at": string;
          "created_by": string | null;
          "currency": string;
          "ended_at": string | null;
          "id": string;
          "kind": Database["public"]["Enums"]["promo_kind"];
          "max_redemptions": number | null;
          "minutes": number | null;
          "redemptions": number;
          "valid_from": string;
          "valid_to": string | null;
        };
        SetofOptions: {
          from: "*";
          to: "promo_codes";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "admin_end_session": {
        Args: { "p_reason": string; "p_session_id": string };
        Returns: {
          "accepted_at": string | null;
          "billed_minutes": number;
          "billed_seconds": number;
          "client_id": string;
          "client_joined_at": string | null;
          "created_at": string;
          "duration": number | null;
          "end_reason": Database["public"]["Enums"]["end_reason"] | null;
          "ended_at": string | null;
          "expires_at": string | null;
          "id": string;
          "max_minutes": number;
          "pause_reason": Database["public"]["Enums"]["pause_reason"] | null;
          "paused_at": string | null;
          "reader_id": string;
          "reader_joined_at": string | null;
          "reader_rate": number;
          "recording_url": string | null;
          "scheduled_at": string | null;
          "session_id": string;
          "share_bps": number;
          "started_at": string | null;
          "status": Database["public"]["Enums"]["session_status"];
          "terms": NonNullable<Json>;
          "total_cost": number | null;
          "transaction_id": string | null;
          "type": Database["public"]["Enums"]["session_type"];
          "updated_at": string;
        };
        SetofOptions: {
          from: "*";
          to: "sessions";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "admin_freeze_wallet": { Args: { "p_reason": string; "p_user_id": string }; Returns: string };
      "admin_goodwill": {
        Args: { "p_amount": number; "p_idempotency_key": string; "p_reason": string; "p_user_id": string };
        Returns: {
          "amount": number;
          "approved_by": string | null;
          "created_at": string;
          "currency": string;
          "decided_at": string | null;
          "expires_at": string;
          "id": string;
          "kind": Database["public"]["Enums"]["money_approval_kind"];
          "needs_second": boolean;
          "reason": string;
          "refunded_id": string | null;
          "rejected_by": string | null;
          "requested_by": string;
          "session_id": string | null;
          "status": Database["public"]["Enums"]["money_approval_status"];
          "transaction_id": string | null;
          "updated_at": string;
          "user_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "money_approvals";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "admin_house_days": {
        Args: { "p_from": string; "p_to": string };
        Returns: {
          "account": string;
          "balance": number;
          "credits": number;
          "day": string;
          "debits": number;
        }[];
      };
      "admin_read_applications": {
        Args: {
          "p_after"?: string;
          "p_limit"?: number;
          "p_status"?: Database["public"]["Enums"]["application_status"];
        };
        Returns: {
          "bio": string;
          "created_at": string;
          "first_name": string;
          "id": string;
          "last_name": string;
          "pricing": NonNullable<Json>;
          "reason": string | null;
          "reviewed_at": string | null;
          "reviewed_by": string | null;
          "session_types": (Database["public"]["Enums"]["session_type"])[];
          "specialties": (string)[];
          "status": Database["public"]["Enums"]["application_status"];
          "timezone": string;
          "updated_at": string;
          "user_id": string;
        }[];
        SetofOptions: {
          from: "*";
          to: "reader_applications";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "admin_read_client": {
        Args: { "p_user_id": string };
        Returns: {
          "avatar": string | null;
          "bio": string | null;
          "created_at": string;
          "date_of_birth": string | null;
          "first_name": string | null;
          "id": string;
          "last_name": string | null;
          "preferences": NonNullable<Json>;
          "preferred_categories": (string)[];
          "preferred_session_types": (Database["public"]["Enums"]["session_type"])[];
          "timezone": string;
          "updated_at": string;
          "user_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "clients";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "admin_read_differences": {
        Args: { "p_after"?: string; "p_limit"?: number; "p_with_settled"?: boolean };
        Returns: {
          "account": string;
          "at_stripe": number;
          "found_at": string;
          "id": string;
          "in_ledger": number;
          "kind": Database["public"]["Enums"]["difference_kind"];
          "moved_at": string;
          "settled_at": string;
          "subject": string;
          "transaction_id": string;
          "what_to_do": string;
        }[];
      };
      "admin_read_disputes": {
        Args: { "p_user_id": string };
        Returns: {
          "amount": number;
          "charge_id": string;
          "created_at": string;
          "dispute_id": string;
          "due_at": string;
          "fee": number;
          "reason": string;
          "reinstated": number;
          "status": string;
          "topup_id": string;
          "transaction_id": string;
          "updated_at": string;
          "withdrawn": number;
        }[];
      };
      "admin_read_evidence": { Args: { "p_dispute_id": string }; Returns: Json };
      "admin_read_payouts": {
        Args: { "p_after"?: string; "p_limit"?: number; "p_status"?: Database["public"]["Enums"]["payout_status"] };
        Returns: {
          "amount": number;
          "created_at": string;
          "currency": string;
          "failure_code": string | null;
          "id": string;
          "processed_at": string | null;
          "reader_id": string;
          "returned": number;
          "status": Database["public"]["Enums"]["payout_status"];
          "stripe_payout_id": string | null;
          "stripe_transfer_id": string | null;
          "transaction_id": string;
          "updated_at": string;
        }[];
        SetofOptions: {
          from: "*";
          to: "payouts";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "admin_read_person": {
        Args: {
          "p_after"?: string;
          "p_limit"?: number;
          "p_part": Database["public"]["Enums"]["person_part"];
          "p_user_id": string;
        };
        Returns: Json[];
      };
      "admin_refund_charge": {
        Args: { "p_amount": number; "p_idempotency_key": string; "p_reason": string; "p_transaction_id": string };
        Returns: {
          "amount": number;
          "approved_by": string | null;
          "created_at": string;
          "currency": string;
          "decided_at": string | null;
          "expires_at": string;
          "id": string;
          "kind": Database["public"]["Enums"]["money_approval_kind"];
          "needs_second": boolean;
          "reason": string;
          "refunded_id": string | null;
          "rejected_by": string | null;
          "requested_by": string;
          "session_id": string | null;
          "status": Database["public"]["Enums"]["money_approval_status"];
          "transaction_id": string | null;
          "updated_at": string;
          "user_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "money_approvals";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "admin_refund_session": {
        Args: { "p_amount": number; "p_idempotency_key": string; "p_reason": string; "p_session_id": string };
        Returns: {
          "amount": number;
          "approved_by": string | null;
          "created_at": string;
          "currency": string;
          "decided_at": string | null;
          "expires_at": string;
          "id": string;
          "kind": Database["public"]["Enums"]["money_approval_kind"];
          "needs_second": boolean;
          "reason": string;
          "refunded_id": string | null;
          "rejected_by": string | null;
          "requested_by": string;
          "session_id": string | null;
          "status": Database["public"]["Enums"]["money_approval_status"];
          "transaction_id": string | null;
          "updated_at": string;
          "user_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "money_approvals";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "admin_reject": {
        Args: { "p_id": string };
        Returns: {
          "amount": number;
          "approved_by": string | null;
          "created_at": string;
          "currency": string;
          "decided_at": string | null;
          "expires_at": string;
          "id": string;
          "kind": Database["public"]["Enums"]["money_approval_kind"];
          "needs_second": boolean;
          "reason": string;
          "refunded_id": string | null;
          "rejected_by": string | null;
          "requested_by": string;
          "session_id": string | null;
          "status": Database["public"]["Enums"]["money_approval_status"];
          "transaction_id": string | null;
          "updated_at": string;
          "user_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "money_approvals";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "admin_resolve_report": {
        Args: { "p_report_id": string; "p_resolution"?: string; "p_uphold": boolean };
        Returns: {
          "created_at": string;
          "entity_id": string;
          "entity_type": string;
          "evidence": Json | null;
          "id": string;
          "reason": string;
          "reported_id": string;
          "reporter_id": string;
          "resolution": string | null;
          "resolved_at": string | null;
          "resolved_by": string | null;
          "status": Database["public"]["Enums"]["report_status"];
          "updated_at": string;
        };
        SetofOptions: {
          from: "*";
          to: "reports";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "admin_set_commission": {
        Args: { "p_kind": string; "p_reader_id"?: string; "p_share_bps": number; "p_valid_from"?: string };
        Returns: {
          "created_by": string;
          "id": string;
          "kind": string;
          "reader_id": string;
          "share_bps": number;
          "valid_from": string;
        }[];
      };
      "admin_set_permissions": {
        Args: { "p_permissions": (Database["public"]["Enums"]["admin_permission"])[]; "p_user_id": string };
        Returns: {
          "avatar": string | null;
          "created_at": string;
          "first_name": string | null;
          "id": string;
          "last_name": string | null;
          "permissions": (Database["public"]["Enums"]["admin_permission"])[];
          "updated_at": string;
          "user_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "admins";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "admin_set_user_status": {
        Args: { "p_reason": string; "p_status": Database["public"]["Enums"]["user_status"]; "p_user_id": string };
        Returns: {
          "created_at": string;
          "id": string;
          "role": Database["public"]["Enums"]["user_role"];
          "status": Database["public"]["Enums"]["user_status"];
          "updated_at": string;
          "username": string | null;
        };
        SetofOptions: {
          from: "*";
          to: "users";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "admin_unfreeze_wallet": { Args: { "p_reason": string; "p_user_id": string }; Returns: string };
      "apply_as_reader": {
        Args: {
          "p_bio": string;
          "p_first_name": string;
          "p_last_name": string;
          "p_pricing": Json;
          "p_session_types": (Database["public"]["Enums"]["session_type"])[];
          "p_specialties": (string)[];
          "p_timezone"?: string;
        };
        Returns: {
          "bio": string;
          "created_at": string;
          "first_name": string;
          "id": string;
          "last_name": string;
          "pricing": NonNullable<Json>;
          "reason": string | null;
          "reviewed_at": string | null;
          "reviewed_by": string | null;
          "session_types": (Database["public"]["Enums"]["session_type"])[];
          "specialties": (string)[];
          "status": Database["public"]["Enums"]["application_status"];
          "timezone": string;
          "updated_at": string;
          "user_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "reader_applications";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "attach_recording": {
        Args: { "p_path": string; "p_session_id": string };
        Returns: {
          "accepted_at": string | null;
          "billed_minutes": number;
          "billed_seconds": number;
          "client_id": string;
          "client_joined_at": string | null;
          "created_at": string;
          "duration": number | null;
          "end_reason": Database["public"]["Enums"]["end_reason"] | null;
          "ended_at": string | null;
          "expires_at": string | null;
          "id": string;
          "max_minutes": number;
          "pause_reason": Database["public"]["Enums"]["pause_reason"] | null;
          "paused_at": string | null;
          "reader_id": string;
          "reader_joined_at": string | null;
          "reader_rate": number;
          "recording_url": string | null;
          "scheduled_at": string | null;
          "session_id": string;
          "share_bps": number;
          "started_at": string | null;
          "status": Database["public"]["Enums"]["session_status"];
          "terms": NonNullable<Json>;
          "total_cost": number | null;
          "transaction_id": string | null;
          "type": Database["public"]["Enums"]["session_type"];
          "updated_at": string;
        };
        SetofOptions: {
          from: "*";
          to: "sessions";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "booking_terms": {
        Args: { "p_minutes"?: number; "p_reader_id": string; "p_type": Database["public"]["Enums"]["session_type"] };
        Returns: Json;
      };
      "buy_gifts": {
        Args: { "p_gift_id": string; "p_idempotency_key": string; "p_quantity": number };
        Returns: {
          "created_at": string;
          "currency": string;
          "gift_id": string;
          "id": string;
          "quantity": number;
          "sent": number;
          "transaction_id": string;
          "unit_price": number;
          "user_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "gift_purchases";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "cancel_order": {
        Args: { "p_order_id": string };
        Returns: {
          "client_id": string;
          "created_at": string;
          "currency": string;
          "id": string;
          "order_id": string;
          "shipping_address": Json | null;
          "status": Database["public"]["Enums"]["order_status"];
          "stripe_payment_intent_id": string | null;
          "total_amount": number;
          "tracking_number": string | null;
          "transaction_id": string | null;
          "updated_at": string;
        };
        SetofOptions: {
          from: "*";
          to: "orders";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "cancel_session": {
        Args: { "p_session_id": string };
        Returns: {
          "accepted_at": string | null;
          "billed_minutes": number;
          "billed_seconds": number;
          "client_id": string;
          "client_joined_at": string | null;
          "created_at": string;
          "duration": number | null;
          "end_reason": Database["public"]["Enums"]["end_reason"] | null;
          "ended_at": string | null;
          "expires_at": string | null;
          "id": string;
          "max_minutes": number;
          "pause_reason": Database["public"]["Enums"]["pause_reason"] | null;
          "paused_at": string | null;
          "reader_id": string;
          "reader_joined_at": string | null;
          "reader_rate": number;
          "recording_url": string | null;
          "scheduled_at": string | null;
          "session_id": string;
          "share_bps": number;
          "started_at": string | null;
          "status": Database["public"]["Enums"]["session_status"];
          "terms": NonNullable<Json>;
          "total_cost": number | null;
          "transaction_id": string | null;
          "type": Database["public"]["Enums"]["session_type"];
          "updated_at": string;
        };
        SetofOptions: {
          from: "*";
          to: "sessions";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "consent_to_recording": { Args: { "p_consents": boolean; "p_session_id": string }; Returns: boolean };
      "custom_access_token_hook": { Args: { "event": Json }; Returns: Json };
      "decline_session": {
        Args: { "p_session_id": string };
        Returns: {
          "accepted_at": string | null;
          "billed_minutes": number;
          "billed_seconds": number;
          "client_id": string;
          "client_joined_at": string | null;
          "created_at": string;
          "duration": number | null;
          "end_reason": Database["public"]["Enums"]["end_reason"] | null;
          "ended_at": string | null;
          "expires_at": string | null;
          "id": string;
          "max_minutes": number;
          "pause_reason": Database["public"]["Enums"]["pause_reason"] | null;
          "paused_at": string | null;
          "reader_id": string;
          "reader_joined_at": string | null;
          "reader_rate": number;
          "recording_url": string | null;
          "scheduled_at": string | null;
          "session_id": string;
          "share_bps": number;
          "started_at": string | null;
          "status": Database["public"]["Enums"]["session_status"];
          "terms": NonNullable<Json>;
          "total_cost": number | null;
          "transaction_id": string | null;
          "type": Database["public"]["Enums"]["session_type"];
          "updated_at": string;
        };
        SetofOptions: {
          from: "*";
          to: "sessions";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "deliver_order": {
        Args: { "p_order_id": string };
        Returns: {
          "client_id": string;
          "created_at": string;
          "currency": string;
          "id": string;
          "order_id": string;
          "shipping_address": Json | null;
          "status": Database["public"]["Enums"]["order_status"];
          "stripe_payment_intent_id": string | null;
          "total_amount": number;
          "tracking_number": string | null;
          "transaction_id": string | null;
          "updated_at": string;
        };
        SetofOptions: {
          from: "*";
          to: "orders";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "disable_auto_reload": {
        Args: Record<PropertyKey, never>;
        Returns: {
          "amount": number;
          "card_id": string;
          "created_at": string;
          "currency": string;
          "declines": number;
          "id": string;
          "is_active": boolean;
          "monthly_cap": number;
          "retry_at": string | null;
          "stopped_reason": string | null;
          "threshold": number | null;
          "updated_at": string;
          "user_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "auto_reloads";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "end_session": {
        Args: { "p_session_id": string };
        Returns: {
          "accepted_at": string | null;
          "billed_minutes": number;
          "billed_seconds": number;
          "client_id": string;
          "client_joined_at": string | null;
          "created_at": string;
          "duration": number | null;
          "end_reason": Database["public"]["Enums"]["end_reason"] | null;
          "ended_at": string | null;
          "expires_at": string | null;
          "id": string;
          "max_minutes": number;
          "pause_reason": Database["public"]["Enums"]["pause_reason"] | null;
          "paused_at": string | null;
          "reader_id": string;
          "reader_joined_at": string | null;
          "reader_rate": number;
          "recording_url": string | null;
          "scheduled_at": string | null;
          "session_id": string;
          "share_bps": number;
          "started_at": string | null;
          "status": Database["public"]["Enums"]["session_status"];
          "terms": NonNullable<Json>;
          "total_cost": number | null;
          "transaction_id": string | null;
          "type": Database["public"]["Enums"]["session_type"];
          "updated_at": string;
        };
        SetofOptions: {
          from: "*";
          to: "sessions";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "end_stream": {
        Args: { "p_stream_id": string };
        Returns: {
          "category": string;
          "created_at": string;
          "description": string | null;
          "ended_at": string | null;
          "id": string;
          "max_viewers": number | null;
          "reader_id": string;
          "recording_url": string | null;
          "scheduled_at": string | null;
          "started_at": string | null;
          "status": Database["public"]["Enums"]["stream_status"];
          "stream_id": string;
          "title": string;
          "updated_at": string;
          "viewer_count": number;
        };
        SetofOptions: {
          from: "*";
          to: "live_streams";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "erase_account": { Args: Record<PropertyKey, never>; Returns: undefined };
      "file_report": {
        Args: { "p_entity_id": string; "p_entity_type": string; "p_evidence"?: Json; "p_reason": string };
        Returns: {
          "created_at": string;
          "entity_id": string;
          "entity_type": string;
          "evidence": Json | null;
          "id": string;
          "reason": string;
          "reported_id": string;
          "reporter_id": string;
          "resolution": string | null;
          "resolved_at": string | null;
          "resolved_by": string | null;
          "status": Database["public"]["Enums"]["report_status"];
          "updated_at": string;
        };
        SetofOptions: {
          from: "*";
          to: "reports";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "free_slots": {
        Args: { "p_from": string; "p_reader_id": string; "p_to": string };
        Returns: {
          "ends_at": string;
          "starts_at": string;
        }[];
      };
      "give_consent": {
        Args: { "p_details"?: Json; "p_kind": Database["public"]["Enums"]["consent_kind"]; "p_version": string };
        Returns: {
          "accepted_at": string;
          "details": NonNullable<Json>;
          "id": string;
          "ip_address": unknown;
          "kind": Database["public"]["Enums"]["consent_kind"];
          "user_id": string;
          "version": string;
          "withdrawn_at": string | null;
        };
        SetofOptions: {
          from: "*";
          to: "consents";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "heartbeat_session": { Args: { "p_session_id": string }; Returns: Json };
      "join_session": { Args: { "p_session_id": string }; Returns: Json };
      "join_stream": {
        Args: { "p_stream_id": string };
        Returns: {
          "category": string;
          "created_at": string;
          "description": string | null;
          "ended_at": string | null;
          "id": string;
          "max_viewers": number | null;
          "reader_id": string;
          "recording_url": string | null;
          "scheduled_at": string | null;
          "started_at": string | null;
          "status": Database["public"]["Enums"]["stream_status"];
          "stream_id": string;
          "title": string;
          "updated_at": string;
          "viewer_count": number;
        };
        SetofOptions: {
          from: "*";
          to: "live_streams";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "join_wait_list": {
        Args: { "p_reader_id": string; "p_type": Database["public"]["Enums"]["session_type"] };
        Returns: {
          "client_id": string;
          "created_at": string;
          "expires_at": string | null;
          "id": string;
          "offered_at": string | null;
          "reader_id": string;
          "type": Database["public"]["Enums"]["session_type"];
        };
        SetofOptions: {
          from: "*";
          to: "wait_list";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "leave_stream": {
        Args: { "p_stream_id": string };
        Returns: {
          "category": string;
          "created_at": string;
          "description": string | null;
          "ended_at": string | null;
          "id": string;
          "max_viewers": number | null;
          "reader_id": string;
          "recording_url": string | null;
          "scheduled_at": string | null;
          "started_at": string | null;
          "status": Database["public"]["Enums"]["stream_status"];
          "stream_id": string;
          "title": string;
          "updated_at": string;
          "viewer_count": number;
        };
        SetofOptions: {
          from: "*";
          to: "live_streams";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "leave_wait_list": { Args: { "p_reader_id": string }; Returns: boolean };
      "mark_read": { Args: { "p_conversation_id": string; "p_message_id": string }; Returns: number };
      "open_conversation": {
        Args: { "p_user_id": string };
        Returns: {
          "created_at": string;
          "first_id": string;
          "id": string;
          "key_version": number;
          "rotation_due": boolean;
          "second_id": string;
          "session_id": string | null;
          "updated_at": string;
        };
        SetofOptions: {
          from: "*";
          to: "conversations";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "open_session_conversation": {
        Args: { "p_session_id": string };
        Returns: {
          "created_at": string;
          "first_id": string;
          "id": string;
          "key_version": number;
          "rotation_due": boolean;
          "second_id": string;
          "session_id": string | null;
          "updated_at": string;
        };
        SetofOptions: {
          from: "*";
          to: "conversations";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "order_files": {
        Args: { "p_order_id": string };
        Returns: {
          "name": string;
          "path": string;
          "product_id": string;
        }[];
      };
      "place_order": {
        Args: { "p_idempotency_key": string; "p_items": Json; "p_shipping_address"?: Json };
        Returns: {
          "client_id": string;
          "created_at": string;
          "currency": string;
          "id": string;
          "order_id": string;
          "shipping_address": Json | null;
          "status": Database["public"]["Enums"]["order_status"];
          "stripe_payment_intent_id": string | null;
          "total_amount": number;
          "tracking_number": string | null;
          "transaction_id": string | null;
          "updated_at": string;
        };
        SetofOptions: {
          from: "*";
          to: "orders";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "reader_directory": {
        Args: {
          "p_after"?: string;
          "p_language"?: string;
          "p_limit"?: number;
          "p_max_price"?: number;
          "p_min_rating"?: number;
          "p_online"?: boolean;
          "p_specialty"?: string;
          "p_text"?: string;
          "p_type"?: Database["public"]["Enums"]["session_type"];
        };
        Returns: unknown;
      };
      "reader_statement": {
        Args: { "p_after"?: string; "p_from"?: string; "p_limit"?: number; "p_to"?: string };
        Returns: {
          "amount": number;
          "billed_minutes": number;
          "clears_at": string;
          "cursor": string;
          "earned_at": string;
          "gross": number;
          "platform_part": number;
          "rate": number;
          "session_id": string;
          "session_type": Database["public"]["Enums"]["session_type"];
          "state": Database["public"]["Enums"]["earning_state"];
          "transaction_id": string;
          "type": Database["public"]["Enums"]["transaction_type"];
        }[];
      };
      "reader_totals": {
        Args: Record<PropertyKey, never>;
        Returns: {
          "balance": number;
          "cleared": number;
          "clearing": number;
          "currency": string;
          "earned": number;
          "held": number;
          "in_session": number;
          "next_clearing": number;
          "next_clears_on": string;
          "paid_out": number;
          "payable": number;
        }[];
      };
      "redeem_promo": { Args: { "p_code": string; "p_idempotency_key": string }; Returns: Json };
      "register_device": {
        Args: {
          "p_device_id": string;
          "p_device_key": string;
          "p_identity_key": string;
          "p_signature": string;
          "p_signing_key": string;
        };
        Returns: {
          "created_at": string;
          "device_id": string;
          "device_key": string;
          "id": string;
          "identity_key": string;
          "revoked_at": string | null;
          "signature": string;
          "signing_key": string;
          "user_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "user_keys";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "request_card_refund": {
        Args: { "p_amount": number; "p_idempotency_key": string; "p_topup_transaction_id": string };
        Returns: {
          "amount": number;
          "created_at": string;
          "currency": string;
          "description": string | null;
          "fee": number | null;
          "id": string;
          "metadata": NonNullable<Json>;
          "platform_revenue": number | null;
          "reader_earnings": number | null;
          "session_id": string | null;
          "status": Database["public"]["Enums"]["transaction_status"];
          "stripe_checkout_session_id": string | null;
          "stripe_payment_intent_id": string | null;
          "stripe_transfer_id": string | null;
          "transaction_id": string;
          "type": Database["public"]["Enums"]["transaction_type"];
          "updated_at": string;
          "user_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "transactions";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "request_export": {
        Args: Record<PropertyKey, never>;
        Returns: {
          "completed_at": string | null;
          "content": Json | null;
          "created_at": string;
          "id": string;
          "user_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "data_exports";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "request_payout": {
        Args: { "p_amount"?: number; "p_idempotency_key": string };
        Returns: {
          "amount": number;
          "created_at": string;
          "currency": string;
          "failure_code": string | null;
          "id": string;
          "processed_at": string | null;
          "reader_id": string;
          "returned": number;
          "status": Database["public"]["Enums"]["payout_status"];
          "stripe_payout_id": string | null;
          "stripe_transfer_id": string | null;
          "transaction_id": string;
          "updated_at": string;
        };
        SetofOptions: {
          from: "*";
          to: "payouts";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "request_session": {
        Args: {
          "p_idempotency_key": string;
          "p_max_minutes"?: number;
          "p_reader_id": string;
          "p_scheduled_at"?: string;
          "p_type": Database["public"]["Enums"]["session_type"];
        };
        Returns: {
          "accepted_at": string | null;
          "billed_minutes": number;
          "billed_seconds": number;
          "client_id": string;
          "client_joined_at": string | null;
          "created_at": string;
          "duration": number | null;
          "end_reason": Database["public"]["Enums"]["end_reason"] | null;
          "ended_at": string | null;
          "expires_at": string | null;
          "id": string;
          "max_minutes": number;
          "pause_reason": Database["public"]["Enums"]["pause_reason"] | null;
          "paused_at": string | null;
          "reader_id": string;
          "reader_joined_at": string | null;
          "reader_rate": number;
          "recording_url": string | null;
          "scheduled_at": string | null;
          "session_id": string;
          "share_bps": number;
          "started_at": string | null;
          "status": Database["public"]["Enums"]["session_status"];
          "terms": NonNullable<Json>;
          "total_cost": number | null;
          "transaction_id": string | null;
          "type": Database["public"]["Enums"]["session_type"];
          "updated_at": string;
        };
        SetofOptions: {
          from: "*";
          to: "sessions";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "respond_to_review": {
        Args: { "p_response": string; "p_review_id": string };
        Returns: {
          "client_id": string;
          "comment": string | null;
          "created_at": string;
          "id": string;
          "is_hidden": boolean;
          "rating": number;
          "reader_id": string;
          "responded_at": string | null;
          "response": string | null;
          "session_id": string;
          "updated_at": string;
        };
        SetofOptions: {
          from: "*";
          to: "reviews";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "retry_payout": {
        Args: { "p_payout_id": string };
        Returns: {
          "amount": number;
          "created_at": string;
          "currency": string;
          "failure_code": string | null;
          "id": string;
          "processed_at": string | null;
          "reader_id": string;
          "returned": number;
          "status": Database["public"]["Enums"]["payout_status"];
          "stripe_payout_id": string | null;
          "stripe_transfer_id": string | null;
          "transaction_id": string;
          "updated_at": string;
        };
        SetofOptions: {
          from: "*";
          to: "payouts";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "review_reader_application": {
        Args: { "p_approve": boolean; "p_reason"?: string; "p_user_id": string };
        Returns: {
          "bio": string;
          "created_at": string;
          "first_name": string;
          "id": string;
          "last_name": string;
          "pricing": NonNullable<Json>;
          "reason": string | null;
          "reviewed_at": string | null;
          "reviewed_by": string | null;
          "session_types": (Database["public"]["Enums"]["session_type"])[];
          "specialties": (string)[];
          "status": Database["public"]["Enums"]["application_status"];
          "timezone": string;
          "updated_at": string;
          "user_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "reader_applications";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "review_session": {
        Args: { "p_comment"?: string; "p_rating": number; "p_session_id": string };
        Returns: {
          "client_id": string;
          "comment": string | null;
          "created_at": string;
          "id": string;
          "is_hidden": boolean;
          "rating": number;
          "reader_id": string;
          "responded_at": string | null;
          "response": string | null;
          "session_id": string;
          "updated_at": string;
        };
        SetofOptions: {
          from: "*";
          to: "reviews";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "revoke_device": {
        Args: { "p_device_id": string };
        Returns: {
          "created_at": string;
          "device_id": string;
          "device_key": string;
          "id": string;
          "identity_key": string;
          "revoked_at": string | null;
          "signature": string;
          "signing_key": string;
          "user_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "user_keys";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "search_forum": {
        Args: { "p_after"?: string; "p_category_id"?: string; "p_limit"?: number; "p_text": string };
        Returns: {
          "author_id": string;
          "category_id": string;
          "content": string;
          "created_at": string;
          "id": string;
          "is_locked": boolean;
          "is_pinned": boolean;
          "title": string;
          "updated_at": string;
          "view_count": number;
        }[];
      };
      "send_gift": {
        Args: {
          "p_gift_id": string;
          "p_idempotency_key": string;
          "p_message"?: string;
          "p_purchase_id"?: string;
          "p_receiver_id": string;
          "p_session_id"?: string;
          "p_stream_id"?: string;
        };
        Returns: {
          "created_at": string;
          "gift_id": string;
          "id": string;
          "message": string | null;
          "purchase_id": string;
          "receiver_id": string;
          "sender_id": string;
          "session_id": string | null;
          "stream_id": string | null;
        };
        SetofOptions: {
          from: "*";
          to: "gifts";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "send_message": {
        Args: {
          "p_content": Json;
          "p_idempotency_key": string;
          "p_message_type"?: Database["public"]["Enums"]["message_type"];
          "p_price"?: number;
          "p_receiver_id": string;
        };
        Returns: {
          "content": NonNullable<Json>;
          "conversation_id": string;
          "created_at": string;
          "id": string;
          "is_read": boolean;
          "message_type": Database["public"]["Enums"]["message_type"];
          "read_at": string | null;
          "receiver_id": string;
          "sender_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "messages";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "send_tip": {
        Args: { "p_amount": number; "p_idempotency_key": string; "p_session_id": string };
        Returns: {
          "amount": number;
          "created_at": string;
          "currency": string;
          "description": string | null;
          "fee": number | null;
          "id": string;
          "metadata": NonNullable<Json>;
          "platform_revenue": number | null;
          "reader_earnings": number | null;
          "session_id": string | null;
          "status": Database["public"]["Enums"]["transaction_status"];
          "stripe_checkout_session_id": string | null;
          "stripe_payment_intent_id": string | null;
          "stripe_transfer_id": string | null;
          "transaction_id": string;
          "type": Database["public"]["Enums"]["transaction_type"];
          "updated_at": string;
          "user_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "transactions";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "set_auto_reload": {
        Args: { "p_amount": number; "p_monthly_cap": number; "p_payment_method"?: string; "p_threshold"?: number };
        Returns: {
          "amount": number;
          "card_id": string;
          "created_at": string;
          "currency": string;
          "declines": number;
          "id": string;
          "is_active": boolean;
          "monthly_cap": number;
          "retry_at": string | null;
          "stopped_reason": string | null;
          "threshold": number | null;
          "updated_at": string;
          "user_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "auto_reloads";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "set_key_backup": {
        Args: { "p_backup": Json; "p_version": number };
        Returns: {
          "backup": NonNullable<Json>;
          "id": string;
          "updated_at": string;
          "user_id": string;
          "version": number;
        };
        SetofOptions: {
          from: "*";
          to: "key_backups";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "set_notification_preferences": {
        Args: { "p_by_email": boolean; "p_muted"?: (string)[] };
        Returns: {
          "by_email": boolean;
          "created_at": string;
          "muted": (string)[];
          "unsubscribe_token": string;
          "updated_at": string;
          "user_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "notification_preferences";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "set_reader_status": {
        Args: { "p_status": Database["public"]["Enums"]["reader_status"] };
        Returns: Database["public"]["Enums"]["reader_status"];
      };
      "set_reply_price": {
        Args: { "p_price"?: number };
        Returns: {
          "avatar": string | null;
          "average_rating": number;
          "bio": string;
          "card": NonNullable<Json>;
          "certifications": (string)[];
          "created_at": string;
          "experience": number;
          "first_name": string;
          "headline": string | null;
          "id": string;
          "is_verified": boolean;
          "languages": (string)[];
          "last_name": string;
          "lowest_price": number | null;
          "pricing": NonNullable<Json>;
          "reply_price": number | null;
          "search": unknown;
          "session_types": (Database["public"]["Enums"]["session_type"])[];
          "specialties": (string)[];
          "status": Database["public"]["Enums"]["reader_status"];
          "timezone": string;
          "total_sessions": number;
          "updated_at": string;
          "user_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "readers";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "share_keys": { Args: { "p_device_id": string; "p_keys": Json }; Returns: number };
      "ship_order": {
        Args: { "p_order_id": string; "p_tracking_number"?: string };
        Returns: {
          "client_id": string;
          "created_at": string;
          "currency": string;
          "id": string;
          "order_id": string;
          "shipping_address": Json | null;
          "status": Database["public"]["Enums"]["order_status"];
          "stripe_payment_intent_id": string | null;
          "total_amount": number;
          "tracking_number": string | null;
          "transaction_id": string | null;
          "updated_at": string;
        };
        SetofOptions: {
          from: "*";
          to: "orders";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "start_conversation_key": {
        Args: { "p_conversation_id": string; "p_device_id": string; "p_keys": Json; "p_version": number };
        Returns: {
          "created_at": string;
          "first_id": string;
          "id": string;
          "key_version": number;
          "rotation_due": boolean;
          "second_id": string;
          "session_id": string | null;
          "updated_at": string;
        };
        SetofOptions: {
          from: "*";
          to: "conversations";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "start_stream": {
        Args: { "p_stream_id": string };
        Returns: {
          "category": string;
          "created_at": string;
          "description": string | null;
          "ended_at": string | null;
          "id": string;
          "max_viewers": number | null;
          "reader_id": string;
          "recording_url": string | null;
          "scheduled_at": string | null;
          "started_at": string | null;
          "status": Database["public"]["Enums"]["stream_status"];
          "stream_id": string;
          "title": string;
          "updated_at": string;
          "viewer_count": number;
        };
        SetofOptions: {
          from: "*";
          to: "live_streams";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "update_setting": {
        Args: { "p_key": string; "p_value": string };
        Returns: {
          "created_at": string;
          "description": string;
          "id": string;
          "is_public": boolean;
          "key": string;
          "maximum": number | null;
          "minimum": number | null;
          "updated_at": string;
          "value": string;
          "value_type": Database["public"]["Enums"]["setting_type"];
        };
        SetofOptions: {
          from: "*";
          to: "system_settings";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "view_post": { Args: { "p_post_id": string }; Returns: undefined };
      "wait_list_position": { Args: { "p_reader_id": string }; Returns: number };
      "wallet_statement": {
        Args: { "p_after"?: string; "p_from"?: string; "p_limit"?: number; "p_to"?: string };
        Returns: {
          "amount": number;
          "balance": number;
          "billed_minutes": number;
          "created_at": string;
          "cursor": string;
          "debt_amount": number;
          "description": string;
          "promo_amount": number;
          "promo_balance": number;
          "rate": number;
          "reader_id": string;
          "reader_name": string;
          "session_id": string;
          "session_type": Database["public"]["Enums"]["session_type"];
          "status": Database["public"]["Enums"]["transaction_status"];
          "transaction_id": string;
          "type": Database["public"]["Enums"]["transaction_type"];
        }[];
      };
      "withdraw_consent": { Args: { "p_kind": Database["public"]["Enums"]["consent_kind"] }; Returns: number };
      "withdraw_paid_message": {
        Args: { "p_message_id": string };
        Returns: {
          "client_id": string;
          "conversation_id": string;
          "expires_at": string;
          "id": string;
          "message_id": string;
          "price": number;
          "reader_id": string;
          "resolved_at": string | null;
          "share_bps": number;
          "status": Database["public"]["Enums"]["paid_message_status"];
          "transaction_id": string | null;
        };
        SetofOptions: {
          from: "*";
          to: "paid_messages";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
    };
    Enums: {
      "admin_permission": "manage_users" | "manage_finances" | "moderate_content" | "manage_settings";
      "application_status": "PENDING" | "APPROVED" | "REJECTED";
      "consent_kind": "TERMS" | "PRIVACY" | "ADULT" | "RECORDING" | "MARKETING" | "AUTO_RELOAD";
      "difference_kind": "NOT_BOOKED" | "NOT_AT_STRIPE" | "AMOUNT_DIFFERS" | "NOT_OURS";
      "earning_state": "CLEARING" | "PAYABLE" | "ON_ITS_WAY" | "PAID_OUT" | "TAKEN_BACK";
      "end_reason":
        | "client_ended"
        | "reader_ended"
        | "max_minutes"
        | "insufficient_funds"
        | "disconnected"
        | "declined"
        | "expired"
        | "cancelled_by_client"
        | "cancelled_by_reader"
        | "no_show_client"
        | "no_show_reader"
        | "account_suspended"
        | "admin_ended";
      "message_type": "TEXT" | "IMAGE" | "SYSTEM";
      "money_approval_kind": "REFUND" | "GOODWILL";
      "money_approval_status": "WAITING" | "DONE" | "REJECTED" | "EXPIRED";
      "order_status": "PENDING" | "PAID" | "SHIPPED" | "DELIVERED" | "CANCELLED" | "REFUNDED";
      "paid_message_status": "PENDING" | "ANSWERED" | "EXPIRED" | "WITHDRAWN";
      "pause_reason": "client_absent" | "reader_absent" | "insufficient_funds";
      "payout_attempt_status": "PENDING" | "SENDING" | "UNKNOWN" | "TRANSFERRED" | "COMPLETED" | "FAILED";
      "payout_status": "PENDING" | "PROCESSING" | "COMPLETED" | "FAILED";
      "person_part":
        | "SESSIONS"
        | "CONSENTS"
        | "APPLICATIONS"
        | "ACCOUNTS"
        | "TRANSACTIONS"
        | "PAYOUTS"
        | "PAYOUT_ATTEMPTS"
        | "READER_ACCOUNT"
        | "ORDERS"
        | "ORDER_ITEMS"
        | "GIFT_PURCHASES"
        | "PROMO_REDEMPTIONS"
        | "CARDS"
        | "AUTO_RELOADS";
      "post_status": "DRAFT" | "PUBLISHED" | "ARCHIVED" | "DELETED";
      "product_status": "ACTIVE" | "INACTIVE" | "OUT_OF_STOCK" | "DRAFT";
      "product_type": "SERVICE" | "DIGITAL" | "PHYSICAL";
      "promo_kind": "CREDIT" | "FREE_MINUTES";
      "reader_status": "ONLINE" | "OFFLINE" | "BUSY" | "AWAY" | "INVISIBLE";
      "report_status": "OPEN" | "UPHELD" | "DISMISSED";
      "session_status": "SCHEDULED" | "IN_PROGRESS" | "COMPLETED" | "CANCELLED" | "NO_SHOW" | "DISCONNECTED";
      "session_type": "CHAT" | "CALL" | "VIDEO";
      "setting_type": "INTEGER" | "BOOLEAN" | "TEXT";
      "stream_status": "SCHEDULED" | "LIVE" | "ENDED" | "CANCELLED";
      "transaction_status": "PENDING" | "COMPLETED" | "FAILED" | "REFUNDED" | "CANCELLED";
      "transaction_type":
        | "ADD_FUNDS"
        | "SESSION_CHARGE"
        | "REFUND"
        | "PAYOUT"
        | "PURCHASE"
        | "GIFT_PURCHASE"
        | "TIP"
        | "MESSAGE"
        | "FEE"
        | "DISPUTE"
        | "ADJUSTMENT"
        | "PROMO"
        | "REVERSAL";
      "user_role": "CLIENT" | "READER" | "ADMIN";
      "user_status": "ACTIVE" | "SUSPENDED" | "PENDING" | "BANNED";
    };
    CompositeTypes: {
      [_ in never]: never;
    };
  };
};

type DatabaseWithoutInternals = Omit<Database, "__InternalSupabase">;

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "public">];

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof (
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"]
    )
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals } ? (
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"]
  )[TableName] extends {
    Row: infer R;
  } ? R
  : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    ? (DefaultSchema["Tables"] & DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
      Row: infer R;
    } ? R
    : never
  : never;

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
    Insert: infer I;
  } ? I
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Insert: infer I;
    } ? I
    : never
  : never;

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
    Update: infer U;
  } ? U
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Update: infer U;
    } ? U
    : never
  : never;

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema["Enums"]
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never = never,
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
    ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
  : never;

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never = never,
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][CompositeTypeName]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
    ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
  : never;

export const Constants = {
  "public": {
    Enums: {
      "admin_permission": ["manage_users", "manage_finances", "moderate_content", "manage_settings"],
      "application_status": ["PENDING", "APPROVED", "REJECTED"],
      "consent_kind": ["TERMS", "PRIVACY", "ADULT", "RECORDING", "MARKETING", "AUTO_RELOAD"],
      "difference_kind": ["NOT_BOOKED", "NOT_AT_STRIPE", "AMOUNT_DIFFERS", "NOT_OURS"],
      "earning_state": ["CLEARING", "PAYABLE", "ON_ITS_WAY", "PAID_OUT", "TAKEN_BACK"],
      "end_reason": [
        "client_ended",
        "reader_ended",
        "max_minutes",
        "insufficient_funds",
        "disconnected",
        "declined",
        "expired",
        "cancelled_by_client",
        "cancelled_by_reader",
        "no_show_client",
        "no_show_reader",
        "account_suspended",
        "admin_ended",
      ],
      "message_type": ["TEXT", "IMAGE", "SYSTEM"],
      "money_approval_kind": ["REFUND", "GOODWILL"],
      "money_approval_status": ["WAITING", "DONE", "REJECTED", "EXPIRED"],
      "order_status": ["PENDING", "PAID", "SHIPPED", "DELIVERED", "CANCELLED", "REFUNDED"],
      "paid_message_status": ["PENDING", "ANSWERED", "EXPIRED", "WITHDRAWN"],
      "pause_reason": ["client_absent", "reader_absent", "insufficient_funds"],
      "payout_attempt_status": ["PENDING", "SENDING", "UNKNOWN", "TRANSFERRED", "COMPLETED", "FAILED"],
      "payout_status": ["PENDING", "PROCESSING", "COMPLETED", "FAILED"],
      "person_part": [
        "SESSIONS",
        "CONSENTS",
        "APPLICATIONS",
        "ACCOUNTS",
        "TRANSACTIONS",
        "PAYOUTS",
        "PAYOUT_ATTEMPTS",
        "READER_ACCOUNT",
        "ORDERS",
        "ORDER_ITEMS",
        "GIFT_PURCHASES",
        "PROMO_REDEMPTIONS",
        "CARDS",
        "AUTO_RELOADS",
      ],
      "post_status": ["DRAFT", "PUBLISHED", "ARCHIVED", "DELETED"],
      "product_status": ["ACTIVE", "INACTIVE", "OUT_OF_STOCK", "DRAFT"],
      "product_type": ["SERVICE", "DIGITAL", "PHYSICAL"],
      "promo_kind": ["CREDIT", "FREE_MINUTES"],
      "reader_status": ["ONLINE", "OFFLINE", "BUSY", "AWAY", "INVISIBLE"],
      "report_status": ["OPEN", "UPHELD", "DISMISSED"],
      "session_status": ["SCHEDULED", "IN_PROGRESS", "COMPLETED", "CANCELLED", "NO_SHOW", "DISCONNECTED"],
      "session_type": ["CHAT", "CALL", "VIDEO"],
      "setting_type": ["INTEGER", "BOOLEAN", "TEXT"],
      "stream_status": ["SCHEDULED", "LIVE", "ENDED", "CANCELLED"],
      "transaction_status": ["PENDING", "COMPLETED", "FAILED", "REFUNDED", "CANCELLED"],
      "transaction_type": [
        "ADD_FUNDS",
        "SESSION_CHARGE",
        "REFUND",
        "PAYOUT",
        "PURCHASE",
        "GIFT_PURCHASE",
        "TIP",
        "MESSAGE",
        "FEE",
        "DISPUTE",
        "ADJUSTMENT",
        "PROMO",
        "REVERSAL",
      ],
      "user_role": ["CLIENT", "READER", "ADMIN"],
      "user_status": ["ACTIVE", "SUSPENDED", "PENDING", "BANNED"],
    },
  },
} as const;
