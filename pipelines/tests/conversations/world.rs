//! A small contact centre: one brand, one account a channel, operators.

use models::taxonomy::Language;
use pipelines::conversations::{
    Accepted, Account, AccountId, AccountSettings, Content, ExternalId, Inbound, Sender, Text, Thread, accept, accounts,
};
use pipelines::customers::{Country, IdentityKey, IdentityKind};
use pipelines::events::{Channel, ContactId};
use pipelines::orders::{Brand, BrandId, put_brands, put_countries};
use pipelines::platform::clock::Clock;
use pipelines::platform::store::Store;
use pipelines::platform::trial::Trial;
use pipelines::workforce::{self, Actor, Login, NewOperator, PresenceState, Role, Roles};
use sqlx::Row;

pub(crate) struct World {
    pub(crate) trial: Trial,
    brand: BrandId,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::at(Clock::system()).await
    }

    pub(crate) async fn at(clock: Clock) -> Self {
        let trial = Trial::start_at(clock).await;
        let brand = BrandId::new(trial.store.clock());
        let mut change = trial.store.begin().await.unwrap();
        put_countries(&mut change, &[Country::Russia]).await.unwrap();
        put_brands(&mut change, &[Brand { id: brand, slug: "okno".into(), name: "Окно".into() }]).await.unwrap();
        change.commit().await.unwrap();
        Self { trial, brand }
    }

    pub(crate) fn store(&self) -> &Store {
        &self.trial.store
    }

    pub(crate) async fn account(&self, channel: Channel) -> Account {
        let account = Account {
            id: AccountId::new(self.store().clock()),
            channel,
            slug: format!("{}-{}", channel.as_str(), self.store().clock().id().simple()),
            name: channel.as_str().to_owned(),
            brand_id: self.brand,
            city_id: None,
            language: Language::Ru,
            settings: AccountSettings::default(),
            active: true,
        };
        accounts::provide(self.store(), &[(account.clone(), Vec::new())]).await.unwrap();
        account
    }

    /// A ready operator with room for `capacity` contacts.
    pub(crate) async fn operator(&self, login: &str, capacity: u16) -> Actor {
        self.person(login, capacity, &[Role::Operator]).await
    }

    pub(crate) async fn person(&self, login: &str, capacity: u16, roles: &[Role]) -> Actor {
        let new = NewOperator {
            login: Login::parse(login).unwrap(),
            name: login.to_owned(),
            password: "a long enough password".to_owned().into(),
            roles: Roles::new(roles).unwrap(),
            languages: Language::ALL.to_vec(),
            capacity,
        };
        let operator = workforce::create_operator(self.store(), None, new).await.unwrap();
        let actor = Actor {
            id: operator.id,
            roles: operator.roles,
            name: operator.name,
            languages: operator.languages,
            capacity: operator.capacity,
            request_id: None,
            write: None,
        };
        workforce::set_presence(self.store(), &actor, PresenceState::Ready).await.unwrap();
        actor
    }

    pub(crate) fn inbound(&self, account: &Account, who: &str, external: &str, content: Content) -> Inbound {
        let kind = match account.channel {
            Channel::Call => IdentityKind::Call,
            Channel::Telegram => IdentityKind::Telegram,
            _ => IdentityKind::Site,
        };
        Inbound {
            account: account.clone(),
            external_id: ExternalId::new(external).unwrap(),
            from: Sender {
                identity: IdentityKey::new(kind, who).unwrap(),
                name: Some(who.to_owned()),
                phone: None,
                language: Some(Language::Ru),
                country: Some(Country::Russia),
            },
            thread: Thread::new(who).unwrap(),
            at: self.store().clock().now(),
            content,
        }
    }

    pub(crate) async fn says(&self, account: &Account, who: &str, external: &str, text: &str) -> Accepted {
        let content = Content::Text(Text::new(text).unwrap());
        accept(self.store(), self.inbound(account, who, external, content)).await.unwrap()
    }

    pub(crate) async fn number(&self, query: &'static str) -> i64 {
        sqlx::query(query).fetch_one(self.store().pool()).await.unwrap().get(0)
    }

    /// Holds what must hold whatever happened: every contact's events are gap-free, nobody's load drifted.
    pub(crate) async fn is_sound(&self) {
        let gaps = "SELECT count(*) FROM (SELECT c.last_seq, count(e.seq) AS n, max(e.seq) AS top FROM contact c
                    LEFT JOIN event e ON e.contact_id = c.id GROUP BY c.customer_id, c.id) x
                    WHERE x.n <> x.last_seq OR x.top <> x.last_seq";
        assert_eq!(self.number(gaps).await, 0, "the numbers of a contact's events have a gap");
        let drift = "SELECT count(*) FROM presence p WHERE p.open <>
                     (SELECT count(*) FROM contact c WHERE c.operator_id = p.operator_id
                        AND c.state IN ('offered', 'active', 'held', 'wrap_up'))";
        assert_eq!(self.number(drift).await, 0, "an operator's load is not what they own");
        let over = "SELECT count(*) FROM presence p JOIN operator o ON o.id = p.operator_id WHERE p.open > o.capacity";
        assert_eq!(self.number(over).await, 0, "an operator holds more than fits");
    }

    pub(crate) async fn state(&self, contact: ContactId) -> String {
        sqlx::query("SELECT state FROM contact WHERE id = $1")
            .bind(contact.0)
            .fetch_one(self.store().pool())
            .await
            .unwrap()
            .get(0)
    }
}
