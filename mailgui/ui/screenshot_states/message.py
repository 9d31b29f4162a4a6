"""A received message, judged: one that the sandbox's domain could have sent, altered on its way."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mailgui.ui.screenshots import Stage

_SAMPLE = b"""Return-Path: <ann@good.example>
Received: from mx.example.org ([10.0.0.4]) by box.example.org with LMTP id 9;
 Tue, 03 Nov 2026 12:06:41 +0000
Authentication-Results: mx.example.org; dkim=pass header.d=good.example header.s=default;
 spf=pass smtp.mailfrom=ann@good.example; dmarc=pass header.from=good.example
Received: from mail.good.example (mail.good.example [192.0.2.25])
 (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)) by mx.example.org (Postfix)
 with ESMTPS id 4XYZ for <bob@example.org>; Tue, 03 Nov 2026 12:06:39 +0000
Received: from desk.lan ([192.168.1.20]) by mail.good.example (Postfix) with ESMTPSA id 7F;
 Tue, 03 Nov 2026 12:00:01 +0000
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=good.example; s=default;
 h=From:To:Subject:Date:Message-ID:From; bh=Z7V5NnwOoM5UBoU1zUNuEFoNoBDzJIuyLp8PpqLQfMg=;
 b=c2FtcGxlIHNpZ25hdHVyZSBvZiBhIG1lc3NhZ2UgdGhhdCB3YXMgYWx0ZXJlZA==
From: Ann <ann@good.example>
To: Bob <bob@example.org>
Subject: Lunch at noon
Date: Tue, 03 Nov 2026 12:00:00 +0000
Message-ID: <20261103120000.1@good.example>

Hello Bob,

lunch at noon?
"""


def states(stage: "Stage") -> None:
    """Draw it."""
    stage.window.show_page("domain")
    room: Any = stage.window.page("domain")
    room.show_page("message")
    view = room.page("message")
    stage.shoot("domain-message-new")
    view.ask.restore([], "sandbox")
    view.judge_octets(_SAMPLE)
    stage.wait("judging a message", lambda: view.report is not None and not view.busy)
    for key in ("dmarc", "dkim", "spf", "hops", "header", "source"):
        view.show_row(key)
        stage.shoot(f"domain-message-{key}")
    room.show_page("checks")
